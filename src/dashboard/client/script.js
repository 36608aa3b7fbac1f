// What pages do besides being read: tell the viewer's zone, renew themselves, load what is opened,
// copy, explain bars. Pages are whole without it.

const MOST_ROWS = 500
const SLOWEST_SECONDS = 60
const MOST_SECONDS = 20 // to wait for an answer

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
  let isAsking = false

  const renew = async () => {
    if (isAsking) return
    if (document.hidden || isPaused(element)) return wait()
    isAsking = true
    try {
      const fresh = await fetchPart(element.dataset.live, element.id)
      if (!document.hidden && !isPaused(element)) element = put(element, fresh)
      seconds = usual
      markStale(element, false)
    } catch {
      seconds = Math.min(seconds * 2, SLOWEST_SECONDS)
      markStale(element, true)
    }
    isAsking = false
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

// A part of a page; who is not signed in any more gets the form to do so in place of this page.
async function fetchPart(path, id) {
  const signal = AbortSignal.timeout(MOST_SECONDS * 1000)
  const response = await fetch(path, { cache: 'no-store', redirect: 'error', signal })
  if (response.status === 401) location.reload()
  if (!response.ok) throw new Error(String(response.status))
  const page = new DOMParser().parseFromString(await response.text(), 'text/html')
  const part = page.getElementById(id)
  if (!part) throw new Error('the page has no such part')
  return part
}

function isPaused(element) {
  const button = document.querySelector(`[data-pause="${element.id}"]`)
  return button?.getAttribute('aria-pressed') === 'true'
}

function markStale(element, isStale) {
  const wasStale = element.hasAttribute('data-stale')
  element.toggleAttribute('data-stale', isStale)
  const notice = document.getElementById('stale')
  if (!notice || wasStale === isStale) return
  notice.hidden = !isStale
  announce(isStale ? notice.textContent : 'The receiver answers again')
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
  const known = new Set([...list.children].map((row) => row.dataset.id))
  const arrived = [...fresh.children].filter((row) => !known.has(row.dataset.id))
  // Nothing that is known among them: there may be more between them and what is here.
  const isBehind = known.size > 0 && arrived.length > 0 && arrived.length === fresh.children.length
  if (isBehind && isLookedAt(list)) return offerNewest()
  document.getElementById('newest')?.setAttribute('hidden', '')
  if (arrived.length === 0) return
  const held = heldRow(list)
  const before = held?.getBoundingClientRect().top
  if (isBehind) list.replaceChildren()
  for (const row of arrived) {
    row.classList.add('new')
    list.insertBefore(row, [...list.children].find((other) => isNewer(row, other)) ?? null)
  }
  if (held) scrollOn(held.getBoundingClientRect().top - before)
  cut(list, isBehind)
  announce(arrived.length === 1 ? '1 new event' : `${arrived.length} new events`)
}

// A page that is too short to be scrolled so far is made longer.
function scrollOn(distance) {
  const { scrollHeight, clientHeight } = document.documentElement
  const missing = scrollY + distance - (scrollHeight - clientHeight)
  if (missing > 0) document.body.style.minHeight = `${scrollHeight + Math.ceil(missing)}px`
  scrollBy({ top: distance, behavior: 'instant' })
}

// As the receiver orders them: by time, then by id.
function isNewer(row, other) {
  const [time, id] = row.dataset.id.split('.')
  const [otherTime, otherId] = other.dataset.id.split('.')
  return time === otherTime ? id > otherId : Number(time) > Number(otherTime)
}

// Of the rows in sight: one that is in use, or the first one where the list was scrolled.
function heldRow(list) {
  const inSight = [...list.children].filter(isInSight)
  return inSight.find(isInUse) ?? (isScrolled(list) ? inSight[0] : undefined)
}

function isLookedAt(list) {
  return isScrolled(list) || [...list.children].some(isInUse)
}

function isScrolled(list) {
  return list.getBoundingClientRect().top < 0
}

function isInUse(row) {
  return row.matches(':hover, :focus-within') || row.querySelector('[open]') !== null
}

function isInSight(row) {
  const { top, bottom } = row.getBoundingClientRect()
  return bottom > 0 && top < innerHeight
}

// The link to what is older goes on behind the last row that is left.
function cut(list, isReplaced) {
  let isCut = isReplaced
  while (list.children.length > MOST_ROWS) {
    const last = list.lastElementChild
    if (isInSight(last) || isInUse(last)) break
    last.remove()
    isCut = true
  }
  const older = document.getElementById('older')
  if (!older || !isCut) return
  const url = new URL(older.href)
  url.searchParams.set('cursor', list.lastElementChild.dataset.id)
  older.href = url.href
  older.hidden = false
}

function offerNewest() {
  const offer = document.getElementById('newest')
  if (!offer?.hidden) return
  offer.hidden = false
  announce('There are more new events than fit: show them with the link at the end')
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
