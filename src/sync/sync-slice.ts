import { Buffer } from 'node:buffer'
import { PARAMETERS } from '../event/parameters.ts'
import { log } from '../platform/log.ts'
import { withTimeout } from '../platform/timeout.ts'
import type { SyncSettings } from '../settings/settings.ts'
import { isDailyLimit } from '../db/errors.ts'
import { delayUntilReset } from '../platform/retry-delay.ts'
import { storeMessages } from '../db/write/batch-writer.ts'
import { recordCoverage } from '../db/sync/coverage.ts'
import { recordGap, markRead, recordZones, type TimeSlice } from '../db/sync/slices.ts'
import { recordStored, type ZoneSpan } from '../db/sync/zone-history.ts'
import { callApi, countRequested, type RetryLater } from './call-api.ts'
import { prepareRows, readElements, type ApiElement, type PreparedRows } from './rows.ts'
import { splitSlice } from './slice.ts'
import { judgeZone, UNVERIFIED, zonesOf, type ZoneState } from './zone.ts'
import { explainLeftOut, findOther, isOfOther } from './zone-history.ts'

const DATABASE_TIMEOUT_MS = 30_000 // the database has been seen to hang

export type SliceContext = {
  db: D1Database
  api: SyncSettings
  get: typeof fetch
  now: number
  /** See `judgeZone`. */
  zone: ZoneState
  /** The zones that are and were in use. */
  history: readonly ZoneSpan[]
  /** Of these, the periods of zones other than those that are set: see `listOthers`. */
  others: readonly ZoneSpan[]
  /** Whether to quarantine what the database rejects for an unknown reason, so that it blocks nothing. */
  quarantineOnFailure: boolean
}

/** Why a slice could not be read: it may be read later, or not before someone acts. */
export type Failure = RetryLater | { stop: string }

/** The result of a slice: it was read, has to be read in parts, or could not be read. */
export type SliceResult = 'read' | { parts: TimeSlice[] } | Failure

const NO_LIST = {
  retryAfter: 60,
  reason: 'Yespo did not return a complete list of events: check YESPO_API_URL',
} as const

const FAILED_S = 30

// Larger ones take more statements than the free plan allows for an invocation.
const MAX_MESSAGES_BYTES = 900_000

/**
 * Reads a slice: stores its new events and records the coverage. A full response is discarded and the slice is split;
 * for a single second it is kept, with a note that events may be missing.
 */
export async function syncSlice(context: SliceContext, slice: TimeSlice): Promise<SliceResult> {
  const { db, api, now, quarantineOnFailure } = context
  const response = await readSlice(context, slice)
  if ('gap' in response) return skip(db, slice, response.gap, now)
  if (!('events' in response)) return response
  const { messages, events, isFull } = response
  const zone = await judge(context, events, context.zone)
  if (typeof zone === 'object') {
    if (context.zone !== 'proven') return zone
    // The zone may be wrong until it is proven again.
    const gap = `${zone.reason}. Once it is corrected, read that period again: npm run backfill`
    return skip(db, slice, gap, now, [recordZones(db, null)])
  }
  const bytes = messages.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  const parts = isFull || bytes > MAX_MESSAGES_BYTES ? splitSlice(slice) : []
  if (parts.length > 0) return { parts }
  if (events.some(({ match, other }) => !match && !other)) await reach(context, slice)
  const items = messages.map((text) => ({ text, quarantineOnFailure }))
  const { outcomes, errors } = await storeMessages(db, items, DATABASE_TIMEOUT_MS)
  if (outcomes.includes('failed')) {
    return databaseFailed(`the database failed: ${errors.join()}`, FAILED_S)
  }
  await save(db, [
    ...compare(context, slice, events),
    ...(isFull ? [recordGap(db, slice.run, explainFull(slice))] : []),
    ...markRead(db, slice, now),
    ...(zone === 'proven' && context.zone !== 'proven' ? [recordZones(db, zonesOf(api))] : []),
  ])
  logDifferences(slice.run, events)
  return 'read'
}

/** Reads a slice only to compare its times, and records the zone if they prove it right. */
export async function proveZone(
  context: SliceContext,
  slice: TimeSlice,
): Promise<ZoneState | Failure> {
  const { db, api } = context
  const response = await readSlice(context, slice)
  if ('gap' in response) return 'inconclusive'
  if (!('events' in response)) return response
  const zone = await judge(context, response.events, 'unknown')
  if (zone === 'proven') await save(db, [recordZones(db, zonesOf(api))])
  return zone === 'accepted' || zone === UNVERIFIED ? 'inconclusive' : zone
}

/** Compares the times of events, except those that the webhook delivered while another zone was set. */
function judge({ db, api, others }: SliceContext, events: readonly ApiElement[], known: ZoneState) {
  const judged = events.filter(({ key }) => !isOfOther(others, key.occurredAt, api))
  return withDatabaseTimeout(judgeZone(db, api, judged, known))
}

/** Records that events since a slice are stored by the present zone, if they are the earliest. */
async function reach({ db, api, history }: SliceContext, { since }: TimeSlice): Promise<void> {
  const isRecorded = history.some(
    (span) => span.source === 'api' && span.until === null && span.since <= since,
  )
  if (!isRecorded) await withDatabaseTimeout(recordStored(db, api.timeZone, since))
}

/** Records the coverage of a slice, and that events were left out. If no others are left, there is nothing to compare. */
function compare(
  { db, api }: SliceContext,
  slice: TimeSlice,
  events: readonly ApiElement[],
): D1PreparedStatement[] {
  const other = events.find((event) => event.other)?.other
  const kept = events.filter((event) => !event.other)
  const keys = kept.map(({ key }) => [key.occurredAt, key.id] as const)
  const coverage = other && kept.length === 0 ? [] : recordCoverage(db, slice, keys)
  return other ? [...coverage, recordGap(db, slice.run, explainLeftOut(other, api))] : coverage
}

/**
 * Waits until the database can be used again: until 00:00 UTC if a daily quota is used up.
 *
 * @param seconds the delay in all other cases
 */
export function databaseFailed(reason: string, seconds: number): RetryLater {
  return { retryAfter: isDailyLimit(reason) ? delayUntilReset(Date.now()) : seconds, reason }
}

/** @throws Error if it takes too long */
export function withDatabaseTimeout<T>(work: Promise<T>): Promise<T> {
  return withTimeout('the database', DATABASE_TIMEOUT_MS, work)
}

/** Logs in which parameters the API describes events differently than the webhook. */
function logDifferences(run: number, events: readonly ApiElement[]): void {
  const differing = events.flatMap(({ match }) =>
    match?.differing.length ? [match.differing] : [],
  )
  if (differing.length === 0) return
  const isDocumented = (name: string) => PARAMETERS.some((parameter) => parameter.name === name)
  const names = new Set(differing.flat().map((name) => (isDocumented(name) ? name : 'others')))
  log('info', 'api_differs', { run, events: differing.length, parameters: [...names].sort() })
}

async function readSlice(
  { db, api, get, now, others }: SliceContext,
  slice: TimeSlice,
): Promise<(PreparedRows & { isFull: boolean }) | Failure | { gap: string }> {
  const response = await callApi(api, slice, get)
  if (!('body' in response)) return response
  const elements = readElements(response.body)
  if (!elements) return NO_LIST
  const zones = { ofApi: api.timeZone, ofWebhook: api.timeZoneOfWebhook }
  const isFull = elements.count >= countRequested(api, slice)
  const find = (time: number) => findOther(others, time, api)
  return { ...(await withDatabaseTimeout(prepareRows(db, elements, zones, now, find))), isFull }
}

/** Skips a slice that cannot be read. @param others statements to run with it */
async function skip(
  db: D1Database,
  slice: TimeSlice,
  reason: string,
  now: number,
  others: D1PreparedStatement[] = [],
): Promise<'read'> {
  await save(db, [recordGap(db, slice.run, reason), ...others, ...markRead(db, slice, now)])
  return 'read'
}

function save(db: D1Database, statements: D1PreparedStatement[]): Promise<unknown> {
  return withDatabaseTimeout(db.batch(statements))
}

function explainFull({ since }: TimeSlice): string {
  return `The second ${new Date(since).toISOString().slice(0, 19)}Z has more events than Yespo returns at once: some may be missing.`
}
