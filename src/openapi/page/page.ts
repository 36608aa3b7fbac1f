import { createHash } from 'node:crypto'
import { html, raw } from 'hono/html'
import script from '../client/script.js'
import style from '../client/style.css'
import type { ApiDocument } from '../openapi.ts'
import { ORIGIN } from '../origin.ts'
import { renderErrors } from './errors.ts'
import { renderText, type Html } from './html.ts'
import { renderMenu, type Group } from './menu.ts'
import { renderOperation } from './operation.ts'
import { LANGUAGES } from './samples.ts'
import { SchemaRenderer } from './schema.ts'

/** The page's Content-Security-Policy: allows its script, its style and requests to this receiver, and nothing else. */
export function describePolicy(): string {
  const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  return [
    "default-src 'none'",
    "connect-src 'self'",
    `style-src ${hashOf(style)}`,
    `script-src ${hashOf(script)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** The page `/docs`, on which the API can be read and tried. */
export async function buildPage(api: ApiDocument): Promise<string> {
  const page = String(await renderPage(api))
  return page.replace(/>\s+</g, '>\n<') // a tenth of the page is indentation
}

function renderPage(api: ApiDocument): Html {
  const schemas = new SchemaRenderer(api)
  const groups = api.tags.map((tag) => findGroup(api, tag))
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${api.info.title}: API</title>
        ${raw(`<style>${style}</style>`)}
      </head>
      <body>
        <a class="skip" href="#main">Skip to content</a>
        <header>
          <button class="plain" popovertarget="menu">Menu</button>
          <a href="/" class="back">← <span>Dashboard</span></a>
          ${renderLanguages()}
        </header>
        <div class="columns">
          ${renderMenu(groups, schemas.objects)}
          <main id="main" tabindex="-1">
            ${renderIntroduction(api)} ${groups.map((group) => renderGroup(group, schemas))}
            ${renderErrors()}
            <section>
              <h2>Objects</h2>
              <p class="quiet">Parts of several responses.</p>
              ${schemas.renderObjects()}
            </section>
          </main>
        </div>
        ${raw(`<script>${script}</script>`)}
      </body>
    </html> `
}

/** The choice of a language for all samples. It works without the script, which remembers it. */
function renderLanguages(): Html {
  return html`<fieldset class="languages">
    <legend>Examples in</legend>
    ${Object.entries(LANGUAGES).map(
      ([id, { name }]) =>
        html`<input
            type="radio"
            name="language"
            id="in-${id}"
            value="${id}"
            ${id === 'curl' && 'checked'}
          /><label for="in-${id}">${name}</label>`,
    )}
  </fieldset>`
}

function renderIntroduction(api: ApiDocument): Html {
  return html`<section>
    <h1>${api.info.title}: API</h1>
    <p>${renderText(api.info.description)}</p>
    <p>
      Send the header <code>Authorization: Bearer READ_TOKEN</code> to read, or
      <code>OPERATE_TOKEN</code> to make changes. For programs, there is an
      <a href="/openapi.json">OpenAPI ${api.openapi.slice(0, 3)} document</a>.
    </p>
    <p class="quiet">Base URL</p>
    <pre>${ORIGIN}</pre>
    <div class="token field" hidden>
      <label for="token">Token, to try operations here</label>
      <input
        id="token"
        type="password"
        autocomplete="off"
        spellcheck="false"
        aria-describedby="token-help"
      />
      <small id="token-help"
        >READ_TOKEN to read, OPERATE_TOKEN to make changes. Kept only in this page, until you close
        or reload it.</small
      >
    </div>
  </section>`
}

function findGroup(api: ApiDocument, { name, description }: ApiDocument['tags'][number]): Group {
  const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  const tagged = operations.filter(({ operation }) => operation.tags.includes(name))
  return { name, description, operations: tagged }
}

function renderGroup({ name, description, operations }: Group, schemas: SchemaRenderer): Html {
  return html`<section>
    <h2>${name}</h2>
    <p class="quiet">${description}</p>
    ${operations.map((placed) => renderOperation(placed, schemas))}
  </section>`
}
