'use strict'
// The script of the page `/docs`: shows each request as it is entered and sends it, copies samples, and searches the
// menu. The token is only in its field and in the header of requests; a response is shown only as text.
const MAX_SHOWN = 20000 // characters of a response
const WITH_TOKEN = ['readToken', 'operateToken']
const LANGUAGE = 'docs-language' // the name of what is remembered
const token = document.getElementById('token')
const menu = document.getElementById('menu')
const search = document.getElementById('search')

/** Whether anything is entered in a form. */
function isFilled(form) {
  return [...form.elements].some(({ name, value }) => name && value !== '')
}

function urlOf(form) {
  const fields = [...form.elements].filter(({ name, value }) => name && value !== '')
  const values = new Map(fields.map(({ name, value }) => [name, value]))
  const path = form.dataset.path.replace(/\{(\w+)\}/g, (hole, name) => {
    const value = values.get(name) ?? form.elements.namedItem(name).placeholder
    values.delete(name)
    return value === '' ? hole : encodeURIComponent(value)
  })
  const query = new URLSearchParams([...values]).toString()
  return (location.origin + path + (query && '?' + query)).replaceAll("'", '%27')
}

function acceptOf(form) {
  return form.querySelector('[data-accept]')?.value ?? ''
}

/** The samples of the operation that a form belongs to. */
function samplesOf(form) {
  return form.closest('.operation').querySelector('.samples')
}

/** Writes into the samples what is entered; as long as nothing is, they show the example. */
function writeSamples(form) {
  const samples = samplesOf(form)
  for (const element of samples.querySelectorAll('.url')) {
    element.dataset.example ??= element.textContent
    element.textContent = isFilled(form) ? urlOf(form) : element.dataset.example
  }
  for (const element of samples.querySelectorAll('.type')) element.textContent = acceptOf(form)
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
  if (WITH_TOKEN.includes(form.dataset.needs)) {
    headers.Authorization = 'Bearer ' + token.value.trim()
  }
  if (acceptOf(form)) headers.Accept = acceptOf(form)
  const isExample = form.dataset.method === 'GET' && !isFilled(form) // nothing is changed by an example
  const url = isExample ? samplesOf(form).querySelector('.url').textContent : urlOf(form)
  const start = performance.now()
  const response = await fetch(url, {
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
  const response = form.nextElementSibling
  response.textContent = shown
  response.hidden = shown === ''
}

const running = new WeakMap()

/** Sends the request of a form, and shows the response; a request that is still running ends. */
async function tryIt(form) {
  running.get(form)?.abort()
  const mine = new AbortController()
  running.set(form, mine)
  show(form, { status: 'Sending …', shown: '' })
  const result = await send(form, mine.signal).catch(() => ({
    status: 'No response: the receiver is unreachable, or the token has invalid characters.',
    shown: '',
  }))
  if (mine === running.get(form)) show(form, result)
}

for (const form of document.forms) {
  form.querySelector('button').hidden = false
  form.addEventListener('input', () => writeSamples(form))
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    if (form.dataset.method === 'DELETE' && !confirm('This cannot be undone. Continue?')) return
    void tryIt(form)
  })
}
token.parentElement.hidden = false

/** Adds a button to a block of code that copies it. */
function addCopy(block) {
  const button = document.createElement('button')
  const say = (text) => {
    button.textContent = text
  }
  button.type = 'button'
  button.className = 'copy'
  say('Copy')
  button.addEventListener('click', () => {
    const copied = navigator.clipboard.writeText(block.textContent.trim())
    void copied.then(
      () => say('Copied'),
      () => say('Not copied'),
    )
    setTimeout(say, 2000, 'Copy')
  })
  block.before(button)
}
for (const block of document.querySelectorAll('section > pre')) addCopy(block)
for (const details of document.querySelectorAll('details')) {
  const addAll = () => details.querySelectorAll('pre:not(.answer)').forEach(addCopy)
  details.addEventListener('toggle', addAll, { once: true }) // few are opened, and there are hundreds
}

// Storage may be forbidden by the browser's settings.
function recall() {
  try {
    return localStorage.getItem(LANGUAGE)
  } catch {
    return null
  }
}
function remember(language) {
  try {
    localStorage.setItem(LANGUAGE, language)
  } catch {}
}
for (const choice of document.getElementsByName('language')) {
  if (choice.value === recall()) choice.checked = true
  choice.addEventListener('change', () => remember(choice.value))
}

/** The links of the menu, with the texts that a search finds: their own, and those of what they lead to. */
function listEntries() {
  return [...menu.querySelectorAll('li')].map((item) => {
    const { hash, textContent: name } = item.firstElementChild
    const target = document.getElementById(hash.slice(1))
    const text = hash === '#main' ? '' : target.textContent
    return { item, name: name.toLowerCase(), text: text.toLowerCase() }
  })
}
let entries

/** Shows the entries of the menu that have all words: in their names or, if none has, in their texts. */
function filterMenu() {
  entries ??= listEntries()
  const words = search.value.toLowerCase().split(/\s+/)
  const having = (member) =>
    entries.filter((entry) => words.every((word) => entry[member].includes(word)))
  const named = having('name')
  const found = new Set(named.length > 0 ? named : having('text'))
  for (const entry of entries) entry.item.hidden = !found.has(entry)
  for (const list of menu.querySelectorAll('ul')) {
    const isEmpty = list.querySelector('li:not([hidden])') === null
    const heading = list.previousElementSibling
    if (heading?.tagName === 'H2') heading.hidden = isEmpty
  }
  const isSearch = search.value.trim() !== ''
  menu.querySelector('[role=status]').textContent = isSearch ? found.size + ' found' : ''
}

search.parentElement.hidden = false
search.addEventListener('input', filterMenu)
search.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter') return
  event.preventDefault()
  menu.querySelector('li:not([hidden]) a')?.click()
})
menu.addEventListener('click', (event) => {
  if (event.target.closest('a') && menu.matches(':popover-open')) menu.hidePopover()
})

/** Whether a key is typed into a field. */
function isTyped({ target }) {
  return target.matches('input:not([type=radio]), select, textarea')
}
addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyped(event)) return
  event.preventDefault()
  if (getComputedStyle(menu).display === 'none') menu.showPopover()
  search.focus()
  search.select()
})

// Browsers that do not open what a link leads into.
function openNamed() {
  const named = document.getElementById(location.hash.slice(1))
  const closed = named?.closest('details:not([open])')
  if (!closed) return
  closed.open = true
  closed.scrollIntoView()
}
addEventListener('hashchange', openNamed)
openNamed()
