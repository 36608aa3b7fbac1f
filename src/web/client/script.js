// Enhances pages, which also work without it: sets the viewer's time zone, renews parts, loads rows that are
// opened, copies, explains bars, submits the next step of an action.

import { fetchPart, keepLive } from './live.js'
import { listenToKeys } from './keys.js'
import { labelCells } from './tables.js'
import { text } from './text.js'

const NEXT_STEP_MS = 1_000 // time to leave the page, which stops the action

setZone()
labelCells(document)
listenToKeys()
showCurrentView()
announceNotice()
for (const element of document.querySelectorAll('[data-live]')) keepLive(element)
addEventListener('click', (event) => void onClick(event))
addEventListener('toggle', (event) => void onToggle(event), true)
addEventListener('click', closeMenus)
addEventListener('change', ({ target }) => target.closest('form[data-auto]')?.requestSubmit())
for (const form of document.querySelectorAll('form[data-next-step]')) submitNextStep(form)
for (const chart of document.querySelectorAll('[data-tips]')) explainBars(chart)
for (const warning of document.querySelectorAll('[data-webhook]')) void checkWebhook(warning)
for (const hidden of document.querySelectorAll(
  '[data-copy], [data-pause], [data-opens], [data-dismiss]',
))
  hidden.hidden = false

// From the next page on, times are in this zone; a page in another zone is loaded again.
function setZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  const known = /(?:^|; )zone=([^;]*)/.exec(document.cookie)?.[1]
  if (!zone || known === encodeURIComponent(zone)) return
  const secure = location.protocol === 'https:' ? '; secure' : ''
  document.cookie = `zone=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=strict${secure}`
  const isKept = document.cookie.includes('zone=')
  if (isKept && document.querySelector('nav') && !document.querySelector('form[data-typed]')) {
    location.reload()
  }
}

async function onClick({ target }) {
  const button = target.closest('button')
  if (!button) return
  if (button.dataset.pause) {
    const isPressed = button.getAttribute('aria-pressed') === 'true'
    button.setAttribute('aria-pressed', String(!isPressed))
  }
  if (button.dataset.opens) document.getElementById(button.dataset.opens).showModal()
  if (button.hasAttribute('data-dismiss')) button.closest('.toast').remove()
  if (button.dataset.copy) {
    await navigator.clipboard.writeText(button.dataset.copy)
    const before = button.firstChild.textContent
    button.firstChild.textContent = text('copied')
    setTimeout(() => (button.firstChild.textContent = before), 2000)
  }
}

// On a narrow screen, the menu and the switches scroll sideways.
function showCurrentView() {
  for (const current of document.querySelectorAll(
    '.top [aria-current], .one-line [aria-current]',
  )) {
    const { left, width } = current.getBoundingClientRect()
    const frame = current.parentElement.getBoundingClientRect()
    current.parentElement.scrollLeft += left + width / 2 - frame.left - frame.width / 2
  }
}

// Screen readers read only what changes after the page was loaded.
function announceNotice() {
  const toasts = document.querySelector('.toasts')
  if (toasts?.firstElementChild) toasts.replaceChildren(...toasts.children)
}

// A click elsewhere closes the menus.
function closeMenus({ target }) {
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    if (!menu.contains(target)) menu.open = false
  }
}

// Loads the contents of a row when it is opened; if that fails, the link to them stays.
async function onToggle({ target }) {
  const container = target.open && target.querySelector('[data-load]')
  if (!container) return
  const loaded = await fetchPart(container.dataset.load, 'loaded').catch(() => undefined)
  if (!loaded || !container.dataset.load) return
  loaded.removeAttribute('id')
  container.removeAttribute('data-load')
  container.replaceChildren(loaded)
  labelCells(container)
}

// Submits the next step of an action that was started on a page of this receiver, while the page is
// visible: a link from another site starts nothing, and going back does not continue.
function submitNextStep(form) {
  const [{ type } = {}] = performance.getEntriesByType('navigation')
  if (type !== 'navigate' || !document.referrer.startsWith(`${location.origin}/`)) return
  form.querySelector('button').textContent = text('continuing')
  const step = () => {
    if (document.hidden) return addEventListener('visibilitychange', step, { once: true })
    form.requestSubmit()
  }
  setTimeout(step, NEXT_STEP_MS)
}

// Requests the webhook as Yespo does, without cookies: the warning shows if that is asked to sign in.
async function checkWebhook(warning) {
  const options = { credentials: 'omit', redirect: 'manual' }
  const response = await fetch(warning.dataset.webhook, options).catch(() => undefined)
  warning.hidden = response?.ok ?? true
}

function explainBars(chart) {
  const tip = Object.assign(document.createElement('div'), { className: 'tip', hidden: true })
  document.body.append(tip)
  const titles = new Map()
  // The browser's own tooltips are slow, and would show as well.
  for (const title of chart.querySelectorAll('a > title')) {
    titles.set(title.parentElement, title.textContent)
    title.remove()
  }
  chart.addEventListener('pointermove', ({ target, clientX, clientY }) => {
    const title = titles.get(target.closest('a'))
    tip.hidden = title === undefined
    if (title === undefined) return
    tip.textContent = title
    const { width, height } = tip.getBoundingClientRect()
    tip.style.left = `${Math.max(4, Math.min(clientX + 14, innerWidth - width - 4))}px`
    tip.style.top = `${clientY > height + 20 ? clientY - height - 10 : clientY + 20}px`
  })
  chart.addEventListener('pointerleave', () => (tip.hidden = true))
}
