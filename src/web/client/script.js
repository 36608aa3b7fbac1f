// What pages do besides being read: tell the viewer's zone, renew themselves, load what is opened,
// copy, explain bars, take the next step of what was begun. Pages are whole without it.

import { fetchPart, keepLive } from './live.js'

const ONWARD_MS = 1_000 // time to leave the page, which stops it

tellZone()
for (const element of document.querySelectorAll('[data-live]')) keepLive(element)
addEventListener('click', (event) => void onClick(event))
addEventListener('toggle', (event) => void onToggle(event), true)
addEventListener('change', ({ target }) => target.closest('form[data-auto]')?.requestSubmit())
for (const form of document.querySelectorAll('form[data-onward]')) goOn(form)
for (const chart of document.querySelectorAll('[data-tips]')) explainBars(chart)
for (const hidden of document.querySelectorAll('[data-copy], [data-pause]')) hidden.hidden = false

// Pages are written in this zone from the next one on; one that was written in another is loaded again.
function tellZone() {
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
  if (button.dataset.copy) {
    await navigator.clipboard.writeText(button.dataset.copy)
    const text = button.firstChild.textContent
    button.firstChild.textContent = 'Copied'
    setTimeout(() => (button.firstChild.textContent = text), 2000)
  }
}

// What a row opens to is loaded when it is opened; where that fails, the link to it stays.
async function onToggle({ target }) {
  const place = target.open && target.querySelector('[data-load]')
  if (!place) return
  const loaded = await fetchPart(place.dataset.load, 'loaded').catch(() => undefined)
  if (!loaded || !place.dataset.load) return
  loaded.removeAttribute('id')
  place.removeAttribute('data-load')
  place.replaceChildren(loaded)
}

// Takes the next step of what was begun on a page of this receiver, as long as it is looked at: nothing
// begins with a link from elsewhere, and nobody who goes back is sent on again.
function goOn(form) {
  const [{ type } = {}] = performance.getEntriesByType('navigation')
  if (type !== 'navigate' || !document.referrer.startsWith(`${location.origin}/`)) return
  form.querySelector('button').textContent = 'Going on …'
  const step = () => {
    if (document.hidden) return addEventListener('visibilitychange', step, { once: true })
    form.requestSubmit()
  }
  setTimeout(step, ONWARD_MS)
}

function explainBars(chart) {
  const tip = Object.assign(document.createElement('div'), { className: 'tip', hidden: true })
  document.body.append(tip)
  const titles = new Map()
  // The browser's own explanation comes late, and would come as well.
  for (const title of chart.querySelectorAll('a > title')) {
    titles.set(title.parentElement, title.textContent)
    title.remove()
  }
  chart.addEventListener('pointermove', ({ target, clientX, clientY }) => {
    const text = titles.get(target.closest('a'))
    tip.hidden = text === undefined
    if (text === undefined) return
    tip.textContent = text
    const { width, height } = tip.getBoundingClientRect()
    tip.style.left = `${Math.max(4, Math.min(clientX + 14, innerWidth - width - 4))}px`
    tip.style.top = `${clientY > height + 20 ? clientY - height - 10 : clientY + 20}px`
  })
  chart.addEventListener('pointerleave', () => (tip.hidden = true))
}
