import { html } from 'hono/html'
import type { ApiOperation, ApiParameter } from '../openapi.ts'
import { renderErrorLinks } from './errors.ts'
import { renderText, type Html } from './html.ts'
import { renderSamples, type SampleRequest } from './samples.ts'
import type { SchemaRenderer } from './schema.ts'

const CREDENTIALS = {
  readToken: 'READ_TOKEN',
  operateToken: 'OPERATE_TOKEN',
  webhookLogin: 'login',
} as const

/** An operation, with its path and method: `/activity/{id}`, `get`. */
export type Placed = { path: string; method: string; operation: ApiOperation }

/** An operation, collapsed. Its anchor is inside, so that browsers open it. */
export function renderOperation(placed: Placed, schemas: SchemaRenderer): Html {
  const { path, method, operation } = placed
  const { 200: success, ...errors } = operation.responses
  const isFormless = 'requestBody' in operation
  return html`<details>
    <summary>
      <h3><b class="${method}">${method.toUpperCase()}</b> <code>${path}</code></h3>
      <span>${operation.summary}</span>
    </summary>
    <div class="operation" id="${operation.operationId}">
      <div class="about">
        <p>${renderText(operation.description)}</p>
        ${renderErrorLinks(Object.keys(errors))}
      </div>
      <div class="samples-and-example">
        ${renderSamples(describeRequest(placed))} ${renderExample(operation)}
      </div>
      <div class="details">
        ${isFormless ? renderBody(operation, schemas) : renderForm(placed)}
        <h4>Response</h4>
        ${Object.entries(success.content).map(
          ([type, { schema }]) =>
            html`<p><code>${type}</code> ${schema.description && renderText(schema.description)}</p>
              ${type === 'application/json' && schemas.render(schema)}`,
        )}
      </div>
    </div>
  </details>`
}

/** The request of an operation's example. */
function describeRequest({ path, method, operation }: Placed): SampleRequest {
  const [scheme] = operation.security.flatMap((each) => Object.keys(each))
  const body = 'requestBody' in operation ? operation.requestBody?.content : undefined
  const example = body?.['application/json']?.example
  return {
    method: method.toUpperCase(),
    target: targetOf(path, operation.parameters),
    credentials: CREDENTIALS[scheme as keyof typeof CREDENTIALS],
    types: Object.keys(operation.responses[200].content),
    ...(example !== undefined && { body: JSON.stringify(example) }),
  }
}

/** The path and query of an example. */
function targetOf(path: string, parameters: readonly ApiParameter[]): string {
  const given = parameters.filter(({ example }) => example !== undefined)
  const inPath = new Map(given.map(({ name, example }) => [name, String(example)]))
  const query = new URLSearchParams(
    given
      .filter((parameter) => parameter.in === 'query')
      .map(({ name, example }) => [name, String(example)]),
  )
  const filled = path.replace(/\{(\w+)\}/, (hole, name: string) =>
    encodeURIComponent(inPath.get(name) ?? hole),
  )
  return query.size > 0 ? `${filled}?${query.toString()}` : filled
}

function renderExample({ operationId, responses }: ApiOperation): Html | '' {
  const { example } = responses[200].content['application/json'] ?? {}
  if (example === undefined) return ''
  return html`<h4 id="${operationId}-example">Example response</h4>
    <pre class="example" tabindex="0" role="group" aria-labelledby="${operationId}-example">
${JSON.stringify(example, null, 2)}</pre>`
}

/** The parameters as a form that sends the request. */
function renderForm({ path, method, operation }: Placed): Html {
  const { operationId, parameters, responses } = operation
  const [needs = ''] = operation.security.flatMap((each) => Object.keys(each))
  const types = Object.keys(responses[200].content)
  return html`<form data-path="${path}" data-method="${method.toUpperCase()}" data-needs="${needs}">
      ${(parameters.length > 0 || types.length > 1) && html`<h4>Parameters</h4>`}
      ${parameters.map((parameter) => renderParameter(operationId, parameter))}
      ${types.length > 1 && renderAccept(operationId, types)}
      <button hidden>Try it</button>
      <p class="quiet" role="status"></p>
    </form>
    <pre class="answer" tabindex="0" role="group" aria-label="Response" hidden></pre>`
}

function renderParameter(operationId: string, parameter: ApiParameter): Html {
  const { name, required, description, schema, example } = parameter
  const { default: defaultValue = '' } = schema
  const id = `${operationId}-${name}`
  return html`<div class="field">
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
            placeholder="${example ?? defaultValue}"
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
  return html`<div class="field">
    <label for="${id}">Response type</label>
    <select id="${id}" data-accept>
      ${types.map((type) => html`<option>${type}</option>`)}
    </select>
  </div>`
}

/** The parameters and the body of an operation that cannot be tried here. */
function renderBody(operation: ApiOperation, schemas: SchemaRenderer): Html {
  const { parameters } = operation
  const { description, content } = ('requestBody' in operation && operation.requestBody) || {}
  return html`${
      parameters.length > 0 &&
      html`<h4>Parameters</h4>
        <ul class="members">
          ${parameters.map(
            (parameter) =>
              html`<li>
                <code>${parameter.name}</code>
                <small>${renderText(parameter.description)}</small>
              </li>`,
          )}
        </ul>`
    }
    <h4>Body</h4>
    <p>${renderText(description ?? '')}</p>
    ${schemas.render(content?.['application/json']?.schema ?? {})}`
}
