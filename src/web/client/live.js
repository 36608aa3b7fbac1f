// Parts of a page that renew themselves.

import { announce } from './announce.js'
import { putRows } from './rows.js'

const SLOWEST_SECONDS = 60
const CALM_MS = 60_000 // without a change, after which it is asked for less and less often
const MOST_SECONDS = 20 // to wait for an answer

export function keepLive(first) {
  let element = first
  let seconds = Number(element.dataset.seconds)
  const usual = seconds
  const slowest = Number(element.dataset.slowest ?? SLOWEST_SECONDS)
  let timer
  let isAsking = false
  let changedAt = Date.now()

  const renew = async () => {
    if (isAsking) return
    if (document.hidden || isPaused(element)) return wait()
    isAsking = true
    try {
      const fresh = await fetchPart(element.dataset.live, element.id)
      if (hasChanged(element, fresh) || element.hasAttribute('data-stale')) changedAt = Date.now()
      if (fresh && !document.hidden && !isPaused(element)) element = put(element, fresh)
      const isCalm = Date.now() - changedAt >= CALM_MS
      seconds = isCalm ? Math.min(seconds * 2, slowest) : usual
      markStale(element, false)
    } catch {
      seconds = Math.min(seconds * 2, slowest)
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
    if (document.hidden || !element.dataset.live) return
    seconds = usual
    changedAt = Date.now()
    void renew()
  })
  wait()
}

// A part of a page, or undefined where nothing has changed; who is not signed in any more gets the form
// to do so in place of this page.
export async function fetchPart(path, id) {
  const signal = AbortSignal.timeout(MOST_SECONDS * 1000)
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
  const wasStale = element.hasAttribute('data-stale')
  element.toggleAttribute('data-stale', isStale)
  const notice = document.getElementById('stale')
  if (!notice || wasStale === isStale) return
  notice.hidden = !isStale
  announce(isStale ? notice.textContent : 'The receiver answers again')
}

function hasChanged(element, fresh) {
  if (!fresh) return false
  if (!element.matches('[data-rows]')) return element.innerHTML !== fresh.innerHTML
  const known = new Set([...element.children].map((row) => row.dataset.id))
  return [...fresh.children].some((row) => !known.has(row.dataset.id))
}

function put(element, fresh) {
  if (element.matches('[data-rows]')) {
    // It goes back to where this list began, so nothing is missing between: as if they met in a row.
    const first = element.firstElementChild
    if (fresh.hasAttribute('data-joined') && first) fresh.append(first.cloneNode())
    putRows(element, fresh)
    // What was not taken in is asked for again.
    if (hasChanged(element, fresh)) return element
    if (fresh.dataset.live) element.dataset.live = fresh.dataset.live
    else element.removeAttribute('data-live')
    return element
  }
  const place = [...element.querySelectorAll('a, button')].indexOf(document.activeElement)
  element.replaceWith(fresh)
  if (place >= 0) fresh.querySelectorAll('a, button')[place]?.focus({ preventScroll: true })
  return fresh
}
