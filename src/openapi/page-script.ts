/**
 * The script of the page `/docs`: shows each request as curl, and sends it. The token is only in its field and in the
 * header of requests; a response is shown only as text.
 */
export const SCRIPT = String.raw`'use strict'
const MAX_SHOWN = 20000 // characters of a response
const TOKENS = { readToken: 'READ_TOKEN', operateToken: 'OPERATE_TOKEN' }
const token = document.getElementById('token')

function urlOf(form) {
  const fields = [...form.elements].filter(({ name, value }) => name && value !== '')
  const values = new Map(fields.map(({ name, value }) => [name, value]))
  const path = form.dataset.path.replace(/\{(\w+)\}/g, (hole, name) => {
    const value = values.get(name)
    values.delete(name)
    return value === undefined ? hole : encodeURIComponent(value)
  })
  const query = new URLSearchParams([...values]).toString()
  return (location.origin + path + (query && '?' + query)).replaceAll("'", '%27')
}

function acceptOf(form) {
  return form.querySelector('[data-accept]')?.value ?? ''
}

function writeCommand(form) {
  const accept = acceptOf(form)
  const method = form.dataset.method
  const headers = [
    method !== 'GET' && '-X ' + method + ' ',
    TOKENS[form.dataset.needs] &&
      "-H 'Authorization: Bearer " + TOKENS[form.dataset.needs] + "' ",
    accept && "-H 'Accept: " + accept + "' ",
  ].filter(Boolean)
  form.nextElementSibling.textContent = 'curl ' + headers.join('') + "'" + urlOf(form) + "'"
}

// Indents JSON without parsing it, since numbers may have more digits than JavaScript's.
function indent(json) {
  let depth = 0
  const line = () => '\n' + '  '.repeat(Math.max(depth, 0))
  const tokens = json.match(/\{\s*\}|\[\s*\]|"(?:[^"\\]|\\.)*"?|[{}[\],:]|[^\s{}[\],:"]+/g) ?? []
  return tokens
    .map((text) => {
      if (text === '{' || text === '[') return (depth++, text + line())
      if (text === '}' || text === ']') return (depth--, line() + text)
      return text === ',' ? text + line() : text === ':' ? ': ' : text
    })
    .join('')
}

async function readStart(response) {
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  while (text.length <= MAX_SHOWN) {
    const { done, value } = await reader.read()
    if (done) return text
    text += decoder.decode(value, { stream: true })
  }
  await reader.cancel() // an export may go on for long
  return text
}

async function send(form, signal) {
  const headers = {}
  if (TOKENS[form.dataset.needs]) headers.Authorization = 'Bearer ' + token.value.trim()
  if (acceptOf(form)) headers.Accept = acceptOf(form)
  const start = performance.now()
  const response = await fetch(urlOf(form), {
    method: form.dataset.method,
    headers,
    signal,
    cache: 'no-store',
    credentials: 'omit',
    redirect: 'error',
  })
  const text = await readStart(response)
  const type = response.headers.get('Content-Type') ?? ''
  const isJson = type.startsWith('application/json')
  // Without half of a surrogate pair at the end.
  const beginning = text.slice(0, MAX_SHOWN).replace(/[\ud800-\udbff]$/, '')
  const shown = isJson ? indent(beginning) : beginning
  const status = [response.status, response.statusText].join(' ').trim()
  const took = Math.round(performance.now() - start) + ' ms'
  const cut = text.length > MAX_SHOWN ? ['first ' + MAX_SHOWN / 1000 + ' KB shown'] : []
  return { status: [status, took, type, ...cut].join(', '), shown }
}

function show(form, { status, shown }) {
  form.querySelector('[role=status]').textContent = status
  const response = form.parentElement.querySelector('.answer')
  response.textContent = shown
  response.hidden = shown === ''
}

for (const form of document.forms) {
  let running = new AbortController()
  form.addEventListener('input', () => writeCommand(form))
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    if (form.dataset.method === 'DELETE' && !confirm('This cannot be undone. Continue?')) return
    running.abort()
    const mine = (running = new AbortController())
    show(form, { status: 'Sending …', shown: '' })
    const result = await send(form, mine.signal).catch(() => ({
      status:
        'No response: the receiver is unreachable, or the token has invalid characters.',
      shown: '',
    }))
    if (mine === running) show(form, result)
  })
  writeCommand(form)
}

for (const element of document.querySelectorAll('.origin')) element.textContent = location.origin

function openNamed() {
  const named = document.getElementById(location.hash.slice(1))
  if (named?.tagName === 'DETAILS') named.open = true
}
addEventListener('hashchange', openNamed)
openNamed()
`
