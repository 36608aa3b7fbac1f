// A list whose new rows appear in their places.

import { announce } from './announce.js'

const MOST_ROWS = 500

// New rows go where they belong; those that are looked at stay where they are on the screen.
export function putRows(list, fresh) {
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
