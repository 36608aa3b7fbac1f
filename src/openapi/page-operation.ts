import { html } from 'hono/html'
import type { ApiDocument, ApiOperation, ApiParameter } from './openapi.ts'

/** A part of the page, already escaped. */
export type Html = ReturnType<typeof html>

/** One operation, collapsed. @param path as in the document, such as `/activity/{id}` */
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
      ${'requestBody' in operation ? renderBody(api, path, operation) : renderForm(path, method, operation)}
    </div>
  </details>`
}

/** The script writes the request as curl into the first `pre`, and the response into the second. */
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
    <pre class="answer" tabindex="0" aria-label="Response" hidden></pre>`
}

function renderParameter(operationId: string, parameter: ApiParameter): Html {
  const { name, required, description, schema } = parameter
  const { default: defaultValue = '' } = schema
  const id = `${operationId}-${name}`
  return html`<div>
    <label for="${id}"><code>${name}</code>${required && ', required'}</label>
    ${
      schema.enum
        ? html`<select id="${id}" name="${name}" aria-describedby="${id}-help">
            <option value="">${defaultValue}</option>
            ${schema.enum
              .map(String)
              .filter((value) => value !== defaultValue)
              .map((value) => html`<option>${value}</option>`)}
          </select>`
        : html`<input
            id="${id}"
            name="${name}"
            placeholder="${defaultValue}"
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
    <label for="${id}">Response type</label>
    <select id="${id}" data-accept>
      ${types.map((type) => html`<option>${type}</option>`)}
    </select>
  </div>`
}

/** A request with a body, only as curl: it changes stored data, and may need Yespo's login. */
function renderBody(api: ApiDocument, path: string, { security }: ApiOperation): Html {
  const isWebhook = security.some((credentials) => 'webhookLogin' in credentials)
  const url = html`<span class="origin">…</span>${path}`
  if (!isWebhook) {
    return html`<pre>curl -H 'Authorization: Bearer OPERATE_TOKEN' --json @FILE ${url}</pre>`
  }
  const event = '[{"activityStatus":"DELIVERED","activityDateTime":"2023-09-14T08:30:03"}]'
  return html`<pre>curl -u WEBHOOK_LOGIN:WEBHOOK_PASSWORD --json '${event}' ${url}</pre>
    <h3>An event</h3>
    <dl>
      ${Object.entries(api.components.schemas['Event']?.properties ?? {}).map(
        ([name, property]) =>
          html`<dt><code>${name}</code></dt>
            <dd>${typeof property === 'object' && renderText(property.description ?? '')}</dd>`,
      )}
    </dl>`
}

/** Text with code between backticks. */
export function renderText(text: string): Html[] {
  return text
    .split('`')
    .map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`))
}
