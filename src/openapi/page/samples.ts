import { html } from 'hono/html'
import { ORIGIN } from '../origin.ts'
import type { Html } from './html.ts'

/** A request that programs are shown for. */
export type SampleRequest = {
  method: string
  /** Path and query. */
  target: string
  /** How to authenticate: the name of a token, the webhook's login, or not at all. */
  credentials: 'READ_TOKEN' | 'OPERATE_TOKEN' | 'login' | undefined
  /** The media types of the response. */
  types: readonly string[]
  /** JSON. */
  body?: string
}

type Language = { name: string; write: (request: SampleRequest) => string }

// Parts of a sample that the script replaces with what is entered on the page.
const URL = '{url}'
const TYPE = '{type}'

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
  const samples = Object.entries(LANGUAGES).map(([id, { write }]) => {
    const parts = write(request).split(/(\{url\}|\{type\})/)
    return html`<pre class="sample ${id}">${parts.map((part) => renderPart(part, request))}</pre>`
  })
  return html`<div class="samples">${samples}</div>`
}

function renderPart(part: string, { target, types }: SampleRequest): Html {
  if (part === URL) {
    return html`<span class="url">${ORIGIN}${target.replaceAll("'", '%27')}</span>`
  }
  return part === TYPE ? html`<span class="type">${types[0]}</span>` : html`${part}`
}

function writeCurl(request: SampleRequest): string {
  const { method, credentials, types, body } = request
  const options = [
    method !== 'GET' && body === undefined && `-X ${method}`,
    credentials === 'login' && `-u '${LOGIN}'`,
    ...listHeaders(request).map(({ name, value }) => `-H '${name}: ${value}'`),
    body !== undefined && `-d '${body.replaceAll("'", String.raw`'\''`)}'`,
    isParquet(types) && '-o activity.parquet',
    `'${URL}'`,
  ]
  return `curl ${options.filter((option) => option !== false).join(' \\\n  ')}`
}

function writeFetch(request: SampleRequest): string {
  const { method, credentials, types, body } = request
  const headers = listHeaders(request).map(({ name, value }) => `'${name}': '${value}'`)
  if (credentials === 'login') headers.push(`'Authorization': 'Basic ' + btoa('${LOGIN}')`)
  const options = [
    method !== 'GET' && `  method: '${method}',\n`,
    headers.length > 0 && `  headers: { ${headers.join(', ')} },\n`,
    body !== undefined && `  body: ${quote(body)},\n`,
  ].filter((option) => option !== false)
  const init = options.length > 0 ? `, {\n${options.join('')}}` : ''
  const read = isParquet(types) ? 'arrayBuffer' : isJson(types) ? 'json' : 'text'
  return `const response = await fetch('${URL}'${init})
console.log(response.status, await response.${read}())`
}

function writePython(request: SampleRequest): string {
  const { method, credentials, types, body } = request
  const headers = listHeaders(request).map(({ name, value }) => `'${name}': '${value}'`)
  const options = [
    headers.length > 0 && `    headers={${headers.join(', ')}},\n`,
    credentials === 'login' && `    auth=(${LOGIN.split(':').map(quote).join(', ')}),\n`,
    body !== undefined && `    data=${quote(body)},\n`,
  ].filter((option) => option !== false)
  const read = isParquet(types) ? 'content' : isJson(types) ? 'json()' : 'text'
  return `import requests

response = requests.${method.toLowerCase()}(
    '${URL}',
${options.join('')}    timeout=60,
)
print(response.status_code, response.${read})`
}

function writePhp(request: SampleRequest): string {
  const { method, credentials, types, body } = request
  const headers = listHeaders(request).map(({ name, value }) => `'${name}: ${value}'`)
  if (credentials === 'login') headers.push(`'Authorization: Basic ' . base64_encode('${LOGIN}')`)
  const options = [
    `    'method' => '${method}',\n`,
    headers.length > 0 && `    'header' => [${headers.join(', ')}],\n`,
    body !== undefined && `    'content' => ${quote(body)},\n`,
  ].filter((option) => option !== false)
  const show = isJson(types) ? 'print_r(json_decode($body, true))' : 'echo $body'
  return `<?php
$context = stream_context_create(['http' => [
${options.join('')}    'ignore_errors' => true, // the body of an error says what is wrong
]]);
$body = file_get_contents('${URL}', false, $context);
${show};`
}

/** The headers of a request, but for a login, which every language writes in its own way. */
function listHeaders({ credentials, types, body }: SampleRequest) {
  const headers: { name: string; value: string }[] = []
  if (credentials !== undefined && credentials !== 'login') {
    headers.push({ name: 'Authorization', value: `Bearer ${credentials}` })
  }
  if (types.length > 1) headers.push({ name: 'Accept', value: TYPE })
  if (body !== undefined) headers.push({ name: 'Content-Type', value: 'application/json' })
  return headers
}

/** A string literal of JavaScript, Python and PHP. */
function quote(text: string): string {
  return `'${text.replace(/[\\']/g, String.raw`\$&`)}'`
}

function isJson([type]: readonly string[]): boolean {
  return type === 'application/json'
}

function isParquet([type = '']: readonly string[]): boolean {
  return type.endsWith('parquet')
}
