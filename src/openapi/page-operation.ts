import { html } from 'hono/html'
import type { ApiDocument, ApiOperation, ApiParameter } from './openapi.ts'

/** A piece of the page: escaped already. */
export type Html = ReturnType<typeof html>

/** One operation, closed at first. @param path as the document has it, such as `/activity/{id}` */
export function renderOperation(
  api: ApiDocument,
  path: string,
  method: string,
  operation: ApiOperation,
): Html {
  return html`<details id="${operation.operationId}">
    <summary>
      <code>${method.toUpperCase()} ${path}</code> <span>${operation.summary}</span>
    </summary>
    <div>
      <p>${renderText(operation.description)}</p>
      ${'requestBody' in operation ? renderWebhook(api) : renderForm(path, method, operation)}
    </div>
  </details>`
}

/** The script writes the request as curl into the first `pre`, and the answer into the second. */
function renderForm(path: string, method: string, operation: ApiOperation): Html {
  const [needs = ''] = operation.security.flatMap((each) => Object.keys(each))
  const types = Object.keys(operation.responses['200']?.content ?? {})
  return html`<form data-path="${path}" data-method="${method.toUpperCase()}" data-needs="${needs}">
      <div class="fields">
        ${operation.parameters.map((parameter) =>
          renderParameter(operation.operationId, parameter),
        )}
        ${types.length > 1 && renderAccept(operation.operationId, types)}
      </div>
      <button>Try it</button>
      <p class="quiet" role="status"></p>
    </form>
    <pre></pre>
    <pre class="answer" tabindex="0" aria-label="Answer" hidden></pre>`
}

function renderParameter(operationId: string, parameter: ApiParameter): Html {
  const { name, required, description, schema } = parameter
  const { default: usual = '' } = schema
  const id = `${operationId}-${name}`
  return html`<div>
    <label for="${id}"><code>${name}</code>${required && ', needed'}</label>
    ${
      schema.enum
        ? html`<select id="${id}" name="${name}" aria-describedby="${id}-help">
            <option value="">${usual}</option>
            ${schema.enum
              .map(String)
              .filter((value) => value !== usual)
              .map((value) => html`<option>${value}</option>`)}
          </select>`
        : html`<input
            id="${id}"
            name="${name}"
            placeholder="${usual}"
            autocomplete="off"
            aria-describedby="${id}-help"
            ${required && 'required'}
          />`
    }
    <small id="${id}-help">${renderText(description)}</small>
  </div>`
}

function renderAccept(operationId: string, types: readonly string[]): Html {
  const id = `${operationId}-accept`
  return html`<div>
    <label for="${id}">Answer as</label>
    <select id="${id}" data-accept>
      ${types.map((type) => html`<option>${type}</option>`)}
    </select>
  </div>`
}

/** It is not tried from here, as what it takes is kept; that needs the login of Yespo. */
function renderWebhook(api: ApiDocument): Html {
  const event = '[{"activityStatus":"DELIVERED","activityDateTime":"2023-09-14T08:30:03"}]'
  return html`<pre>curl -u WEBHOOK_LOGIN:WEBHOOK_PASSWORD --json '${event}' <span class="origin">…</span>/webhooks/yespo</pre>
    <h3>An event</h3>
    <dl>
      ${Object.entries(api.components.schemas['Event']?.properties ?? {}).map(
        ([name, property]) =>
          html`<dt><code>${name}</code></dt>
            <dd>${typeof property === 'object' && renderText(property.description ?? '')}</dd>`,
      )}
    </dl>`
}

/** Text in which code stands between backticks. */
export function renderText(text: string): Html[] {
  return text
    .split('`')
    .map((part, place) => (place % 2 === 1 ? html`<code>${part}</code>` : html`${part}`))
}
