// The keyboard: G and a letter go to a page, J and K move through rows, / searches, ? shows the keys.

const FIELDS = 'input, select, textarea, [contenteditable]'
const ROWS = 'main tbody > tr, main .events > li'
const SEQUENCE_MS = 1_500 // between G and the letter
const OFF = 'keys-off'

let goesAt = -Infinity

export function listenToKeys() {
  addEventListener('keydown', onKey)
  const choice = document.querySelector('[data-keys]')
  if (!choice) return
  choice.checked = !isOff()
  choice.addEventListener('change', () => {
    if (choice.checked) localStorage.removeItem(OFF)
    else localStorage.setItem(OFF, '1')
  })
}

function isOff() {
  return localStorage.getItem(OFF) !== null
}

function onKey(event) {
  const { target, ctrlKey, metaKey, altKey, isComposing } = event
  if (ctrlKey || metaKey || altKey || isComposing) return
  if (event.key === 'Escape') return close(target)
  if (target.matches(FIELDS) || document.querySelector('dialog[open]') || isOff()) return
  if (run(letterOf(event), event.timeStamp)) event.preventDefault()
}

// Whether the key has a meaning here.
function run(key, time) {
  if (time - goesAt < SEQUENCE_MS) {
    goesAt = -Infinity
    return click(`nav [data-letter="${key}"]`)
  }
  if (key === 'g') goesAt = time
  else if (key === '/') document.getElementById('search')?.select()
  else if (key === '?') document.getElementById('keys')?.showModal()
  else if (key === 'j') return moveBy(1)
  else if (key === 'k') return moveBy(-1)
  else return false
  return true
}

// The Latin letter of a key of a Cyrillic keyboard; there, the key of the slash has other signs, too.
function letterOf({ key, code }) {
  if (code === 'Slash' && key === '.') return '/'
  if (code === 'Slash' && key === ',') return '?'
  const isCyrillic = /^\p{Script=Cyrillic}$/u.test(key) && code.startsWith('Key')
  return (isCyrillic ? code.slice(3) : key).toLowerCase()
}

function click(selector) {
  const link = document.querySelector(selector)
  link?.click()
  return link !== null
}

function moveBy(step) {
  const rows = [...document.querySelectorAll(ROWS)].filter((row) => row.checkVisibility())
  if (rows.length === 0) return false
  const current = rows.findIndex((row) => row.contains(document.activeElement))
  const next = current < 0 ? 0 : Math.min(Math.max(current + step, 0), rows.length - 1)
  focusRow(rows[next])
  return true
}

// The link of a row is focused, so that Enter opens it.
function focusRow(row) {
  const link = row.querySelector('a[href], summary')
  if (!link) row.tabIndex = -1
  ;(link ?? row).focus({ preventScroll: true })
  row.scrollIntoView({ block: 'nearest' })
}

// Closes the menu, or the row that is open; otherwise leaves a field.
function close(target) {
  const open = document.querySelector('details.menu[open]') ?? target.closest('main details[open]')
  if (open) {
    open.open = false
    open.querySelector('summary').focus()
  } else if (target.matches('#search')) {
    target.blur()
  }
}
