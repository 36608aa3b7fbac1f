import { createHash } from 'node:crypto'
import { html, raw } from 'hono/html'
import { renderOperation, renderText, type Html } from './page-operation.ts'
import { SCRIPT } from './page-script.ts'
import { STYLE } from './page-style.ts'
import type { ApiDocument } from './openapi.ts'

/** The page's Content-Security-Policy: allows its script, its style and requests to this receiver, and nothing else. */
export function describePolicy(): string {
  const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  return [
    "default-src 'none'",
    "connect-src 'self'",
    `style-src ${hashOf(STYLE)}`,
    `script-src ${hashOf(SCRIPT)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** The page `/docs`, on which the API can be read and tried. */
export function renderPage(api: ApiDocument): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${api.info.title}: API</title>
        ${raw(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <h1>${api.info.title}: API</h1>
        <p>${renderText(api.info.description)}</p>
        <p><a href="/openapi.json">OpenAPI ${api.openapi.slice(0, 3)} document</a></p>
        <div class="token">
          <label for="token">Token</label>
          <input
            id="token"
            type="password"
            autocomplete="off"
            spellcheck="false"
            aria-describedby="token-help"
          />
          <small id="token-help"
            >READ_TOKEN to read, OPERATE_TOKEN to make changes. Kept only in this page, until you
            close or reload it.</small
          >
        </div>
        <main>${api.tags.map((tag) => renderTag(api, tag))}</main>
        ${raw(`<script>${SCRIPT}</script>`)}
      </body>
    </html> `
}

function renderTag(api: ApiDocument, { name, description }: ApiDocument['tags'][number]): Html {
  const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  const tagged = operations.filter(({ operation }) => operation.tags.includes(name))
  return html`<section>
    <h2>${name}</h2>
    <p class="quiet">${description}</p>
    ${tagged.map(({ path, method, operation }) => renderOperation(api, path, method, operation))}
  </section>`
}
