import { createHash } from 'node:crypto'
import { html, raw } from 'hono/html'
import { renderOperation, renderText, type Html } from './page-operation.ts'
import { SCRIPT } from './page-script.ts'
import { STYLE } from './page-style.ts'
import { describeApi, type ApiDocument } from './openapi.ts'

let built: { page: string; policy: string } | undefined

/** `GET /docs`: a page on which the API can be read and tried. It asks nobody but this receiver. */
export async function showDocs(): Promise<Response> {
  built ??= { page: String(await renderPage(describeApi())), policy: describePolicy() }
  return new Response(built.page, {
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': built.policy,
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'public, max-age=300',
    },
  })
}

/** Nothing is let in but this script and this style, and nothing is asked but this receiver. */
function describePolicy(): string {
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

function renderPage(api: ApiDocument): Html {
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
        <p><a href="/openapi.json">The same as OpenAPI ${api.openapi}</a></p>
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
            >For reading, or, where something is changed, for operating. Kept by this page until it
            is closed or loaded again, and nowhere else.</small
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
