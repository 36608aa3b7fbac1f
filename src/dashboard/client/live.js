// Parts of a page that renew themselves.

import { announce } from './announce.js'
import { putRows } from './rows.js'

const SLOWEST_SECONDS = 60
const MOST_SECONDS = 20 // to wait for an answer

export function keepLive(first) {
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
export async function fetchPart(path, id) {
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
