import { Buffer } from 'node:buffer'
import { DAY_MS } from '../event/clock.ts'
import { listOffsetSpans } from '../event/offset-spans.ts'
import type { SyncSettings } from '../settings/settings.ts'
import type { TimeSlice } from '../db/sync/slices.ts'
import { splitSlice } from './slice.ts'

/** Yespo returns no more. */
const MAX_ROWS = 1_000

// Calls hang while a broadcast goes out: the slice then counts as not read.
const TIMEOUT_MS = 60_000
const DEFAULT_DELAY_S = 60
const MAX_DELAY_S = 43_200 // of a queue's message
const TRANSIENT = [408, 425]
/** Yespo keeps three months, which may be as few as 89 days. */
const SURELY_KEPT_MS = 85 * DAY_MS
const LOGIN = 'api' // any value will do

/** The reason why nothing is read while Yespo asks for a pause. */
export const PAUSE = 'Yespo asked for a pause'

/**
 * A delay: nothing was read, and is to be tried again after `retryAfter` seconds.
 * - `isPause`: Yespo asked for it, so nothing else may be read earlier
 * - `isOwn`: the reason is in this slice, and others can be read
 * - `isDefault`: any other reason of the run takes precedence
 */
export type RetryLater = {
  retryAfter: number
  reason: string
  isPause?: boolean
  isOwn?: boolean
  isDefault?: boolean
}

/**
 * The outcome of a call.
 * - `body`: the body of a response, which should be a JSON array
 * - `gap`: why the slice can never be read
 * - `stop`: why it cannot be read before someone acts
 */
export type ApiResponse = { body: Uint8Array } | RetryLater | { gap: string } | { stop: string }

/** The number of rows to request of a slice; a response with as many may be incomplete. */
export function countRequested({ maxRows }: SyncSettings, slice: TimeSlice): number {
  return splitSlice(slice).length > 0 ? maxRows : MAX_ROWS
}

/** Requests the events of a slice. Errors of Yespo or the network are outcomes, not exceptions. */
export async function callApi(
  api: SyncSettings,
  slice: TimeSlice,
  get: typeof fetch,
): Promise<ApiResponse> {
  const { url, key, timeZone } = api
  const { since, until } = slice
  const endpoint = new URL(`${url.replace(/\/+$/, '')}/v2/contacts/activity`)
  // If the clocks go back in between, the last moment is not the latest local time. Yespo may keep fractions of the
  // last second, so both edges are requested; they are returned twice in any case.
  const shown = listOffsetSpans(since, until, timeZone).flatMap((span) =>
    [span.since, span.until].map((time) => time + span.offset),
  )
  endpoint.search = new URLSearchParams({
    dateFrom: formatLocal(Math.min(...shown)),
    dateTo: formatLocal(Math.max(...shown)),
    maxrows: String(countRequested(api, slice)),
  }).toString()
  const credentials = Buffer.from(`${LOGIN}:${key}`).toString('base64')
  try {
    const response = await get(endpoint, {
      headers: { Authorization: `Basic ${credentials}`, Accept: 'application/json' },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const body = new Uint8Array(await response.arrayBuffer())
    return response.status === 200 ? { body } : explain(response, body, slice)
  } catch (error) {
    // Its message may contain the URL.
    const name = error instanceof Error ? error.name : 'unknown'
    const reason =
      name === 'TimeoutError'
        ? `Yespo did not respond within ${TIMEOUT_MS / 1_000} s, as happens while a broadcast goes out`
        : `Yespo did not respond, or broke off (${name}): check YESPO_API_URL`
    return { retryAfter: DEFAULT_DELAY_S, reason }
  }
}

/** @param shown the time that a clock shows, as if it were UTC */
function formatLocal(shown: number): string {
  return new Date(shown).toISOString().slice(0, 19)
}

function explain(
  { status, headers }: Response,
  body: Uint8Array,
  { since }: TimeSlice,
): ApiResponse {
  const text = new TextDecoder().decode(body)
  if (status === 429 || status === 503) {
    const retryAfter = parseRetryAfter(headers.get('Retry-After') ?? '')
    return { retryAfter, reason: PAUSE, isPause: true }
  }
  if (status === 401 || status === 403) {
    return {
      stop: 'Yespo does not accept the API key: compare YESPO_API_KEY with the one in Yespo under Account settings → API, and check that it may read contacts.',
    }
  }
  if (status === 400 && /enable ContactActivity/i.test(text)) {
    return {
      stop: 'Yespo has not enabled this method for the account yet. Write to Yespo\'s support: "Please enable ContactActivity for our account".',
    }
  }
  if (status === 404) {
    return { stop: 'There is no such method at YESPO_API_URL: check that it ends with /api.' }
  }
  if (status >= 300 && status < 400) {
    return { stop: 'YESPO_API_URL redirects: enter the URL that it redirects to.' }
  }
  const day = new Date(since).toISOString().slice(0, 10)
  if (status === 400 && since < Date.now() - SURELY_KEPT_MS) {
    return { gap: `Yespo returns nothing for ${day}, which is longer ago than it keeps.` }
  }
  if (status >= 500 || TRANSIENT.includes(status)) {
    return { retryAfter: DEFAULT_DELAY_S, reason: `Yespo failed (${status})` }
  }
  return { stop: `Yespo rejected the request for ${day} (${status}).` }
}

/** The pause that Yespo asks for, in seconds; the header has seconds or a date. */
function parseRetryAfter(header: string): number {
  const seconds = /^\d+$/.test(header)
    ? Number(header)
    : Math.ceil((Date.parse(header) - Date.now()) / 1_000)
  return seconds > 0 ? Math.min(seconds, MAX_DELAY_S) : DEFAULT_DELAY_S
}
