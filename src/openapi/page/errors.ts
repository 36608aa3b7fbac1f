import { html } from 'hono/html'
import { ERROR_CODES } from '../errors.ts'
import { renderText, type Html } from './html.ts'

const NAMES: Readonly<Record<string, string>> = {
  400: 'Bad request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Content too large',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Unavailable',
}

const EXAMPLE = {
  error: {
    code: 'invalid_parameter',
    message: '“limit” must be a whole number from 1 to 500.',
    parameter: 'limit',
  },
}

const CODES = Map.groupBy(Object.entries(ERROR_CODES), ([, { status }]) => status)

/** The codes of errors: what each means, and what to do. */
export function renderErrors(): Html {
  return html`<section id="errors">
    <h2>Errors</h2>
    <p>
      A program reads <code>code</code>, a person <code>message</code>. Other members say where the
      error is.
    </p>
    <pre>${JSON.stringify(EXAMPLE, null, 2)}</pre>
    ${[...CODES].map(
      ([status, codes]) =>
        html`<section id="error-${status}">
          <h3>${status} ${NAMES[status]}</h3>
          <dl class="errors">
            ${codes.map(
              ([code, { meaning, remedy }]) =>
                html`<div>
                  <dt><code>${code}</code></dt>
                  <dd>${renderText(meaning)}</dd>
                  <dd>${renderText(remedy)}</dd>
                </div>`,
            )}
          </dl>
        </section>`,
    )}
  </section>`
}

/** Links to the errors of an operation. @param statuses as in OpenAPI, such as `404` or `4XX` */
export function renderErrorLinks(statuses: readonly string[]): Html {
  const links = statuses.map((status) => {
    const target = NAMES[status] === undefined ? 'errors' : `error-${status}`
    return html`<a href="#${target}">${status}</a> `
  })
  return html`<p class="quiet">Errors: ${links}</p>`
}
