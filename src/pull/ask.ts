import { Buffer } from 'node:buffer'
import { listStretches, toLocalText } from '../activity/clock.ts'
import { splitWindow, type Window } from './window.ts'

/** Yespo answers no more. */
const MAX_ROWS = 1_000

const SECOND_MS = 1_000
// Calls hang while a broadcast goes out: such a window has not been read.
const TIME_LIMIT_MS = 60_000
const USUAL_WAIT_S = 60
const LOGIN = 'api' // any will do

/** Why nothing is read while Yespo wants to be left alone. */
export const PAUSE = 'Yespo asked for a pause'

/** What to ask, and with which right. */
export type Api = { url: string; key: string; timeZone: string; maxRows: number }

/**
 * Nothing was read, and it may be asked again after so many seconds.
 * - `isPause`: Yespo asked for it, so nothing else may be asked before
 * - `isOwn`: it lies in this window, and others can be read
 */
export type Waiting = { wait: number; why: string; isPause?: boolean; isOwn?: boolean }

/**
 * What came of a call.
 * - `rows`: the body, a JSON array
 * - `wait`: see `Waiting`
 * - `stop`: it will not be answered before someone does something: why, in words
 */
export type Answer = { rows: Uint8Array } | Waiting | { stop: string }

/** How many rows a window is asked for; an answer with so many may have left some out. */
export function countAsked({ maxRows }: Api, window: Window): number {
  return splitWindow(window).length > 0 ? maxRows : MAX_ROWS
}

/** Asks Yespo what happened in a window. Never throws for what Yespo or the network does. */
export async function askApi(api: Api, window: Window, get: typeof fetch): Promise<Answer> {
  const { url, key, timeZone } = api
  const { since, until } = window
  const address = new URL(`${url.replace(/\/+$/, '')}/v2/contacts/activity`)
  // Where the clocks go back in between, the last moment is not what they show last.
  const shown = listStretches(since, until, timeZone).flatMap((stretch) => [
    toLocalText(stretch.since, timeZone),
    toLocalText(stretch.until - SECOND_MS, timeZone), // Yespo includes it
  ])
  shown.sort()
  address.search = new URLSearchParams({
    dateFrom: shown.at(0) ?? '',
    dateTo: shown.at(-1) ?? '',
    maxrows: String(countAsked(api, window)),
  }).toString()
  const credentials = Buffer.from(`${LOGIN}:${key}`).toString('base64')
  try {
    const response = await get(address, {
      headers: { Authorization: `Basic ${credentials}`, Accept: 'application/json' },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIME_LIMIT_MS),
    })
    const body = new Uint8Array(await response.arrayBuffer())
    return response.status === 200 ? readRows(body) : explain(response, body)
  } catch (error) {
    // Its message may have the address in it.
    const name = error instanceof Error ? error.name : 'unknown'
    const why =
      name === 'TimeoutError'
        ? `Yespo did not answer within ${TIME_LIMIT_MS / 1_000} s, as happens while a broadcast goes out`
        : `Yespo did not answer, or not to the end (${name})`
    return { wait: USUAL_WAIT_S, why }
  }
}

function readRows(body: Uint8Array): Answer {
  const text = new TextDecoder().decode(body).trim()
  const isArray = text.startsWith('[') && text.endsWith(']')
  return isArray ? { rows: body } : { wait: USUAL_WAIT_S, why: 'Yespo answered no list of events' }
}

function explain({ status, headers }: Response, body: Uint8Array): Answer {
  const text = new TextDecoder().decode(body)
  if (status === 429 || status === 503) {
    const wait = Number(headers.get('Retry-After'))
    const seconds = Number.isInteger(wait) && wait > 0 && wait <= 43_200 ? wait : USUAL_WAIT_S
    return { wait: seconds, why: PAUSE, isPause: true }
  }
  if (status === 401 || status === 403) {
    return {
      stop: 'Yespo does not accept the API key: compare YESPO_API_KEY with the one in Yespo under Account settings → API, and see whether it may read contacts.',
    }
  }
  if (status === 400 && /enable ContactActivity/i.test(text)) {
    return {
      stop: 'Yespo has not enabled this method for the account yet. Write to Yespo\'s support: "Please enable ContactActivity for our account", then begin again.',
    }
  }
  if (status === 404)
    return { stop: 'There is no such method at YESPO_API_URL: see whether it ends with /api.' }
  if (status >= 500) return { wait: USUAL_WAIT_S, why: `Yespo failed (${status})` }
  return { stop: `Yespo refused what it was asked (${status}).` }
}
