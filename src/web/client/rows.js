// A list that inserts new rows in order.

import { announce } from './announce.js'
import { text } from './text.js'

const MAX_ROWS = 500

// Inserts new rows in order; the rows that are being read keep their places on the screen.
export function putRows(list, renewed) {
  const known = new Set([...list.children].map((row) => row.dataset.id))
  const newRows = [...renewed.children].filter((row) => !known.has(row.dataset.id))
  // No known row is among them: there may be more between them and the list.
  const isBehind =
    known.size > 0 && newRows.length > 0 && newRows.length === renewed.children.length
  if (isBehind && isBeingRead(list)) return offerNewest()
  document.getElementById('newest')?.setAttribute('hidden', '')
  if (newRows.length === 0) return
  const held = heldRow(list)
  const before = held?.getBoundingClientRect().top
  if (isBehind) list.replaceChildren()
  for (const row of newRows) {
    row.classList.add('new')
    list.insertBefore(row, [...list.children].find((other) => isNewer(row, other)) ?? null)
  }
  if (held) scrollOn(held.getBoundingClientRect().top - before)
  cut(list, isBehind)
  announce(text('newEvents'))
}

// Makes the page longer if it is too short to scroll that far.
function scrollOn(distance) {
  const { scrollHeight, clientHeight } = document.documentElement
  const missing = scrollY + distance - (scrollHeight - clientHeight)
  if (missing > 0) document.body.style.minHeight = `${scrollHeight + Math.ceil(missing)}px`
  scrollBy({ top: distance, behavior: 'instant' })
}

// The receiver's order: by time, then by id.
function isNewer(row, other) {
  const [time, id] = row.dataset.id.split('.')
  const [otherTime, otherId] = other.dataset.id.split('.')
  return time === otherTime ? id > otherId : Number(time) > Number(otherTime)
}

// The visible row to hold: one in use, or the first one if the list was scrolled.
function heldRow(list) {
  const inSight = [...list.children].filter(isInSight)
  return inSight.find(isInUse) ?? (isScrolled(list) ? inSight[0] : undefined)
}

function isBeingRead(list) {
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

// Shortens the list; the link to older events continues after its last row.
function cut(list, isReplaced) {
  let isCut = isReplaced
  while (list.children.length > MAX_ROWS) {
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
  announce(text('newer'))
}
