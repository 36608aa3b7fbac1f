import { Buffer } from 'node:buffer'
import { DAY_MS, listOffsetSpans } from '../event/clock.ts'
import type { TimeSlice } from '../db/sync/slices.ts'
import { splitSlice } from './slice.ts'

/** Yespo answers no more. */
const MAX_ROWS = 1_000

// Calls hang while a broadcast goes out: such a window has not been read.
const TIME_LIMIT_MS = 60_000
const DEFAULT_WAIT_S = 60
const MAX_WAIT_S = 43_200 // of a queue's message
const PASSING = [408, 425]
/** Three months may be as few as 89 days. */
const SURELY_KEPT_MS = 85 * DAY_MS
const LOGIN = 'api' // any will do

/** Why nothing is read while Yespo wants to be left alone. */
export const PAUSE = 'Yespo asked for a pause'

/** What to ask, and with which right. */
export type Api = { url: string; key: string; timeZone: string; maxRows: number }

/**
 * Nothing was read, and it may be asked again after so many seconds.
 * - `isPause`: Yespo asked for it, so nothing else may be asked before
 * - `isOwn`: it lies in this window, and others can be read
 * - `isDefault`: what others wait for tells more
 */
export type Waiting = {
  wait: number
  why: string
  isPause?: boolean
  isOwn?: boolean
  isDefault?: boolean
}

/**
 * What came of a call.
 * - `body`: of an answer that should be a JSON array
 * - `wait`: see `Waiting`
 * - `gap`: it will never be answered: why, in words
 * - `stop`: it will not be answered before someone does something: why, in words
 */
export type Answer = { body: Uint8Array } | Waiting | { gap: string } | { stop: string }

/** How many rows a window is asked for; an answer with so many may have left some out. */
export function countCall({ maxRows }: Api, window: TimeSlice): number {
  return splitSlice(window).length > 0 ? maxRows : MAX_ROWS
}

/** Asks Yespo what happened in a window. Never throws for what Yespo or the network does. */
export async function askApi(api: Api, window: TimeSlice, get: typeof fetch): Promise<Answer> {
  const { url, key, timeZone } = api
  const { since, until } = window
  const address = new URL(`${url.replace(/\/+$/, '')}/v2/contacts/activity`)
  // Where the clocks go back in between, the last moment is not what they show last. It may keep fractions of the
  // last second, so it is asked for what is at the edge, too; that is answered twice at any rate.
  const shown = listOffsetSpans(since, until, timeZone).flatMap((stretch) =>
    [stretch.since, stretch.until].map((time) => time + stretch.offset),
  )
  address.search = new URLSearchParams({
    dateFrom: write(Math.min(...shown)),
    dateTo: write(Math.max(...shown)),
    maxrows: String(countCall(api, window)),
  }).toString()
  const credentials = Buffer.from(`${LOGIN}:${key}`).toString('base64')
  try {
    const response = await get(address, {
      headers: { Authorization: `Basic ${credentials}`, Accept: 'application/json' },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIME_LIMIT_MS),
    })
    const body = new Uint8Array(await response.arrayBuffer())
    return response.status === 200 ? { body } : explain(response, body, window)
  } catch (error) {
    // Its message may have the address in it.
    const name = error instanceof Error ? error.name : 'unknown'
    const why =
      name === 'TimeoutError'
        ? `Yespo did not answer within ${TIME_LIMIT_MS / 1_000} s, as happens while a broadcast goes out`
        : `Yespo did not answer, or not to the end (${name}): see whether YESPO_API_URL is right`
    return { wait: DEFAULT_WAIT_S, why }
  }
}

/** @param shown what a clock shows, as if that were UTC */
function write(shown: number): string {
  return new Date(shown).toISOString().slice(0, 19)
}

function explain({ status, headers }: Response, body: Uint8Array, { since }: TimeSlice): Answer {
  const text = new TextDecoder().decode(body)
  if (status === 429 || status === 503) {
    return { wait: readPause(headers.get('Retry-After') ?? ''), why: PAUSE, isPause: true }
  }
  if (status === 401 || status === 403) {
    return {
      stop: 'Yespo does not accept the API key: compare YESPO_API_KEY with the one in Yespo under Account settings → API, and see whether it may read contacts.',
    }
  }
  if (status === 400 && /enable ContactActivity/i.test(text)) {
    return {
      stop: 'Yespo has not enabled this method for the account yet. Write to Yespo\'s support: "Please enable ContactActivity for our account".',
    }
  }
  if (status === 404) {
    return { stop: 'There is no such method at YESPO_API_URL: see whether it ends with /api.' }
  }
  if (status >= 300 && status < 400) {
    return { stop: 'YESPO_API_URL leads elsewhere: enter the address that it leads to.' }
  }
  const day = new Date(since).toISOString().slice(0, 10)
  if (status === 400 && since < Date.now() - SURELY_KEPT_MS) {
    return { gap: `Yespo answers nothing of ${day}, which is longer ago than it keeps.` }
  }
  if (status >= 500 || PASSING.includes(status)) {
    return { wait: DEFAULT_WAIT_S, why: `Yespo failed (${status})` }
  }
  return { stop: `Yespo refused what it was asked of ${day} (${status}).` }
}

/** Seconds of a pause that is asked for: by how many, or by when it ends. */
function readPause(header: string): number {
  const seconds = /^\d+$/.test(header)
    ? Number(header)
    : Math.ceil((Date.parse(header) - Date.now()) / 1_000)
  return seconds > 0 ? Math.min(seconds, MAX_WAIT_S) : DEFAULT_WAIT_S
}
