import { html } from 'hono/html'
import { ORIGIN } from '../origin.ts'
import type { Html } from './html.ts'

/** A request that programs are shown for. */
export type SampleRequest = {
  method: string
  /** Path and query. */
  target: string
  /** How to authenticate: the name of a token, a login, or not at all. */
  credentials: 'READ_TOKEN' | 'OPERATE_TOKEN' | 'login' | undefined
  /** The media types of the response. */
  types: readonly string[]
  /** JSON. */
  body?: string
}

type Language = { name: string; write: (request: SampleRequest) => Html }

const LOGIN = 'WEBHOOK_LOGIN:WEBHOOK_PASSWORD'

/** The languages of samples, by the class of their samples. */
export const LANGUAGES: Readonly<Record<string, Language>> = {
  curl: { name: 'curl', write: writeCurl },
  fetch: { name: 'fetch', write: writeFetch },
  python: { name: 'Python', write: writePython },
  php: { name: 'PHP', write: writePhp },
}

/** The same request in every language. */
export function renderSamples(request: SampleRequest): Html {
  return html`<div class="samples">
    ${Object.entries(LANGUAGES).map(
      ([id, { write }]) => html`<pre class="sample ${id}">${write(request)}</pre>`,
    )}
  </div>`
}

// The script writes what is entered on the page into the elements `url` and `type`.
const urlOf = ({ target }: SampleRequest) =>
  html`'<span class="url">${ORIGIN}${target.replaceAll("'", '%27')}</span>'`

const typeOf = ({ types }: SampleRequest) => html`<span class="type">${types[0]}</span>`

/** A string literal of JavaScript, Python and PHP. */
const quote = (text: string) => `'${text.replace(/[\\']/g, String.raw`\$&`)}'`

const isText = ({ types }: SampleRequest) => types[0] !== 'application/json'

function writeCurl(request: SampleRequest): Html {
  const { method, credentials, types, body } = request
  const options = [
    method !== 'GET' && body === undefined && html`-X ${method}`,
    credentials === 'login' && html`-u '${LOGIN}'`,
    credentials && credentials !== 'login' && html`-H 'Authorization: Bearer ${credentials}'`,
    types.length > 1 && html`-H 'Accept: ${typeOf(request)}'`,
    body !== undefined && html`-H 'Content-Type: application/json'`,
    body !== undefined && html`-d '${body.replaceAll("'", String.raw`'\''`)}'`,
    types[0]?.endsWith('parquet') && html`-o activity.parquet`,
  ].filter(Boolean)
  return html`curl ${options.map((option) => html`${option} \\ `)}${urlOf(request)}`
}

function writeFetch(request: SampleRequest): Html {
  const { method, credentials, types, body } = request
  const headers = [
    credentials === 'login' && html`Authorization: 'Basic ' + btoa('${LOGIN}'),`,
    credentials && credentials !== 'login' && html`Authorization: 'Bearer ${credentials}',`,
    types.length > 1 && html`Accept: '${typeOf(request)}',`,
    body !== undefined && html`'Content-Type': 'application/json',`,
  ].filter(Boolean)
  const options = [
    method !== 'GET' && html` method: '${method}', `,
    headers.length > 0 && html` headers: { ${headers.map((header) => html` ${header} `)} }, `,
    body !== undefined && html` body: ${quote(body)}, `,
  ].filter(Boolean)
  const init = options.length > 0 ? html`, { ${options}}` : ''
  const read = types[0]?.endsWith('parquet') ? 'arrayBuffer' : isText(request) ? 'text' : 'json'
  return html`const response = await fetch(${urlOf(request)}${init}) console.log(response.status,
  await response.${read}())`
}

function writePython(request: SampleRequest): Html {
  const { method, credentials, types, body } = request
  const headers = [
    credentials && credentials !== 'login' && html`'Authorization': 'Bearer ${credentials}'`,
    types.length > 1 && html`'Accept': '${typeOf(request)}'`,
    body !== undefined && html`'Content-Type': 'application/json'`,
  ].filter(Boolean)
  const options = [
    headers.length > 0 &&
      html` headers={${headers.map((header, index) => html`${index > 0 && ', '}${header}`)}}, `,
    credentials === 'login' && html` auth=('WEBHOOK_LOGIN', 'WEBHOOK_PASSWORD'), `,
    body !== undefined && html` data=${quote(body)}, `,
  ].filter(Boolean)
  const read = types[0]?.endsWith('parquet') ? 'content' : isText(request) ? 'text' : 'json()'
  return html`import requests response = requests.${method.toLowerCase()}( ${urlOf(request)},
  ${options} timeout=30, ) print(response.status_code, response.${read})`
}

function writePhp(request: SampleRequest): Html {
  const { method, credentials, types, body } = request
  const headers = [
    credentials === 'login' && html`'Authorization: Basic ' . base64_encode('${LOGIN}')`,
    credentials && credentials !== 'login' && html`'Authorization: Bearer ${credentials}'`,
    types.length > 1 && html`'Accept: ${typeOf(request)}'`,
    body !== undefined && html`'Content-Type: application/json'`,
  ].filter(Boolean)
  return html`&lt;?php $context = stream_context_create(['http' => [ 'method' => '${method}',
  ${headers.length > 0 && html` 'header' => [${headers.map((header, index) => html`${index > 0 && ', '}${header}`)}], `}${
    body !== undefined && html` 'content' => ${quote(body)}, `
  }
  'ignore_errors' => true, // the body of an error says what is wrong ]]); $body =
  file_get_contents(${urlOf(request)}, false, $context);
  ${isText(request) ? 'echo $body' : 'print_r(json_decode($body, true))'};`
}
