// What pages do besides being read: tell the viewer's zone, renew themselves, load what is opened,
// copy, explain bars. Pages are whole without it.

const MOST_ROWS = 500
const SLOWEST_SECONDS = 60

tellZone()
for (const element of document.querySelectorAll('[data-live]')) keepLive(element)
addEventListener('click', onClick)
addEventListener('toggle', onToggle, true)
addEventListener('change', ({ target }) => target.closest('form[data-auto]')?.requestSubmit())
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

function keepLive(first) {
  let element = first
  let seconds = Number(element.dataset.seconds)
  const usual = seconds
  let timer

  const renew = async () => {
    if (document.hidden || isPaused(element)) return wait()
    try {
      const response = await fetch(element.dataset.live, { cache: 'no-store', redirect: 'error' })
      if (response.status === 401) return location.reload()
      if (!response.ok) throw new Error(String(response.status))
      const page = new DOMParser().parseFromString(await response.text(), 'text/html')
      const fresh = page.getElementById(element.id)
      if (!fresh) throw new Error('the page has no such part')
      if (!document.hidden && !isPaused(element)) element = put(element, fresh)
      seconds = usual
      markStale(element, false)
    } catch {
      seconds = Math.min(seconds * 2, SLOWEST_SECONDS)
      markStale(element, true)
    }
    if (element.dataset.live) wait()
  }
  const wait = () => {
    clearTimeout(timer)
    timer = setTimeout(renew, seconds * 1000)
  }
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && element.dataset.live) renew()
  })
  wait()
}

function isPaused(element) {
  const button = document.querySelector(`[data-pause="${element.id}"]`)
  return button?.getAttribute('aria-pressed') === 'true'
}

function markStale(element, isStale) {
  element.toggleAttribute('data-stale', isStale)
  const notice = document.getElementById('stale')
  if (notice) notice.hidden = !isStale
}

function put(element, fresh) {
  if (element.matches('[data-rows]')) {
    putRows(element, fresh)
    return element
  }
  const place = [...element.querySelectorAll('a, button')].indexOf(document.activeElement)
  element.replaceWith(fresh)
  if (place >= 0) fresh.querySelectorAll('a, button')[place]?.focus({ preventScroll: true })
  return fresh
}

// New rows go where they belong; those that are looked at stay where they are on the screen.
function putRows(list, fresh) {
  const known = new Map([...list.children].map((row) => [row.dataset.id, row]))
  const arrived = [...fresh.children].filter((row) => !known.has(row.dataset.id))
  if (arrived.length === 0) return
  const held = heldRow(list)
  const isBehind = known.size > 0 && arrived.length === fresh.children.length
  if (isBehind && held) return offerNewest(list, arrived.length)
  if (isBehind) list.replaceChildren(...arrived)
  const before = held?.getBoundingClientRect().top ?? 0
  let next = null
  for (const row of [...fresh.children].reverse()) {
    const own = known.get(row.dataset.id)
    if (own && !isBehind) next = own
    else if (!isBehind) {
      list.insertBefore(row, next ?? list.children[0] ?? null)
      next = row
    }
    if (!own) row.classList.add('new')
  }
  if (held) scrollBy({ top: held.getBoundingClientRect().top - before, behavior: 'instant' })
  dropOldest(list)
  announce(arrived.length === 1 ? '1 new event' : `${arrived.length} new events`)
}

// The row that must not move: one that is in use, or the first one in sight of who has scrolled.
function heldRow(list) {
  const rows = [...list.children]
  const used = rows.find(
    (row) => row.matches(':hover, :focus-within') || row.querySelector('[open]'),
  )
  if (used) return used
  const isAtTop = list.getBoundingClientRect().top >= 0
  return isAtTop ? undefined : rows.find((row) => row.getBoundingClientRect().bottom > 0)
}

function dropOldest(list) {
  while (list.children.length > MOST_ROWS && !list.lastElementChild.querySelector('[open]')) {
    list.lastElementChild.remove()
  }
  const older = document.getElementById('older')
  const last = list.lastElementChild?.dataset.id
  if (!older || !last) return
  const url = new URL(older.href)
  url.searchParams.set('cursor', last)
  older.href = url.href
}

function offerNewest(list, count) {
  const offer = document.getElementById('newest')
  if (!offer) return
  offer.hidden = false
  announce(`More than ${count} new events`)
}

function announce(text) {
  const place = document.getElementById('announcement')
  if (place) place.textContent = text
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

// What a row opens to is loaded when it is opened.
async function onToggle({ target }) {
  const place = target.open && target.querySelector('[data-load]')
  if (!place) return
  const response = await fetch(place.dataset.load, { cache: 'no-store', redirect: 'error' }).catch(
    () => undefined,
  )
  if (response?.status === 401) return location.reload()
  if (!response?.ok) return
  const page = new DOMParser().parseFromString(await response.text(), 'text/html')
  const loaded = page.getElementById('loaded')
  if (!loaded) return
  loaded.removeAttribute('id')
  place.removeAttribute('data-load')
  place.replaceChildren(loaded)
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
