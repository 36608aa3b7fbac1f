// Parts of a page that renew themselves.

import { announce } from './announce.js'
import { text } from './text.js'
import { putRows } from './rows.js'
import { labelCells } from './tables.js'

const SLOWEST_SECONDS = 60
const CALM_MS = 60_000 // without a change, then it is requested less and less often
const TIMEOUT_SECONDS = 20

export function keepLive(first) {
  let element = first
  let seconds = Number(element.dataset.seconds)
  const defaultSeconds = seconds
  const slowest = Number(element.dataset.slowest ?? SLOWEST_SECONDS)
  let timer
  let isLoading = false
  let changedAt = Date.now()

  const renew = async () => {
    if (isLoading) return
    if (document.hidden || isPaused(element)) return wait()
    isLoading = true
    try {
      const renewed = await fetchPart(element.dataset.live, element.id)
      if (hasChanged(element, renewed) || element.hasAttribute('data-stale')) changedAt = Date.now()
      if (renewed && !document.hidden && !isPaused(element)) element = put(element, renewed)
      const isCalm = Date.now() - changedAt >= CALM_MS
      seconds = isCalm ? Math.min(seconds * 2, slowest) : defaultSeconds
      markStale(element, false)
    } catch {
      seconds = Math.min(seconds * 2, slowest)
      markStale(element, true)
    }
    isLoading = false
    if (element.dataset.live) wait()
  }
  const wait = () => {
    clearTimeout(timer)
    timer = setTimeout(renew, seconds * 1000)
  }
  document.addEventListener('visibilitychange', () => {
    if (document.hidden || !element.dataset.live) return
    seconds = defaultSeconds
    changedAt = Date.now()
    void renew()
  })
  wait()
}

// A part of a page; undefined if nothing has changed. If the session has ended, the form to sign in takes
// the place of this page.
export async function fetchPart(path, id) {
  const signal = AbortSignal.timeout(TIMEOUT_SECONDS * 1000)
  const response = await fetch(path, { cache: 'no-store', redirect: 'error', signal })
  if (response.status === 401) location.reload()
  if (!response.ok) throw new Error(String(response.status))
  if (response.status === 204) return undefined
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
  element.dataset.staleText = text('stale')
  const wasStale = element.hasAttribute('data-stale')
  element.toggleAttribute('data-stale', isStale)
  const notice = document.getElementById('stale')
  if (!notice || wasStale === isStale) return
  notice.hidden = !isStale
  announce(isStale ? notice.textContent : text('back'))
}

function hasChanged(element, renewed) {
  if (!renewed) return false
  if (!element.matches('[data-rows]')) return element.innerHTML !== renewed.innerHTML
  const known = new Set([...element.children].map((row) => row.dataset.id))
  return [...renewed.children].some((row) => !known.has(row.dataset.id))
}

function put(element, renewed) {
  if (element.matches('[data-rows]')) {
    // It reaches back to the start of this list, so nothing is missing between them: let them share a row.
    const first = element.firstElementChild
    if (renewed.hasAttribute('data-joined') && first) renewed.append(first.cloneNode())
    putRows(element, renewed)
    // Rows that were not taken in are requested again.
    if (hasChanged(element, renewed)) return element
    if (renewed.dataset.live) element.dataset.live = renewed.dataset.live
    else element.removeAttribute('data-live')
    return element
  }
  const focused = [...element.querySelectorAll('a, button')].indexOf(document.activeElement)
  element.replaceWith(renewed)
  labelCells(renewed)
  if (focused >= 0) renewed.querySelectorAll('a, button')[focused]?.focus({ preventScroll: true })
  return renewed
}
