import { Buffer } from 'node:buffer'
import { PARAMETERS } from '../event/parameters.ts'
import { log } from '../platform/log.ts'
import type { SyncSettings } from '../settings/settings.ts'
import { storeMessages } from '../db/write/batch-writer.ts'
import { recordCoverage } from '../db/sync/coverage.ts'
import { recordGap, markRead, recordZones, type TimeSlice } from '../db/sync/slices.ts'
import { askApi, countCall, type Answer } from './call-api.ts'
import { DATABASE_TIMEOUT_MS, limited } from './database-timeout.ts'
import { prepareRows, readElements, type ApiElement, type Read } from './rows.ts'
import { splitSlice } from './slice.ts'
import { judgeZone, zonesOf, type Judgement, type Known } from './zone.ts'

/** What reading needs. */
export type Means = {
  db: D1Database
  api: SyncSettings
  get: typeof fetch
  now: number
  /** See `judgeZone`. */
  zone: Known
  /** Whether what the database does not take for an unknown reason is set aside, so that it blocks nothing. */
  quarantineOnFailure: boolean
}

type Failed = Exclude<Answer, { body: Uint8Array } | { gap: string }>

/** What came of it: it was read, it is to be read in parts, or not (yet). */
export type Outcome = 'read' | { parts: TimeSlice[] } | Failed

const NO_LIST = {
  wait: 60,
  why: 'Yespo answered no list of events, or broke off: see whether YESPO_API_URL is right',
} as const

// What is more takes more statements than the free plan has for an invocation.
const MAX_MESSAGES_BYTES = 900_000

/**
 * Reads a window: stores what is new of it, and notes who saw what. A full answer is thrown away, and the
 * window cut; one of a single second is kept, and that there may be more is said.
 */
export async function syncSlice(means: Means, window: TimeSlice): Promise<Outcome> {
  const { db, api, now, quarantineOnFailure } = means
  const asked = await ask(means, window)
  if ('gap' in asked) return skip(db, window, asked.gap, now)
  if (!('events' in asked)) return asked
  const { messages, events, isFull } = asked
  const zone = await judgeZone(db, api, events, means.zone)
  if (typeof zone === 'object') {
    // Until it is proven anew, nobody knows whether the zone is right.
    return 'gap' in zone ? skip(db, window, zone.gap, now, [recordZones(db, null)]) : zone
  }
  const bytes = messages.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  const parts = isFull || bytes > MAX_MESSAGES_BYTES ? splitSlice(window) : []
  if (parts.length > 0) return { parts }
  const items = messages.map((text) => ({ text, quarantineOnFailure }))
  const { outcomes, errors } = await storeMessages(db, items, DATABASE_TIMEOUT_MS)
  if (outcomes.includes('failed')) return { wait: 30, why: `the database failed: ${errors.join()}` }
  const seen = events.map(({ place }) => [place.occurredAt, place.id] as const)
  await note(db, [
    ...recordCoverage(db, window, seen),
    ...(isFull ? [recordGap(db, window.run, explainFull(window))] : []),
    ...markRead(db, window, now),
    ...(zone === 'proven' && means.zone !== 'proven' ? [recordZones(db, zonesOf(api))] : []),
  ])
  reportDiffering(window.run, events)
  return 'read'
}

/** The API may tell events otherwise than the webhook: its owner should know of what that is. */
function reportDiffering(pull: number, events: readonly ApiElement[]): void {
  const differing = events.flatMap(({ match }) =>
    match?.differing.length ? [match.differing] : [],
  )
  if (differing.length === 0) return
  const isDocumented = (name: string) => PARAMETERS.some((parameter) => parameter.name === name)
  const names = new Set(differing.flat().map((name) => (isDocumented(name) ? name : 'others')))
  log('info', 'api_differs', { pull, events: differing.length, parameters: [...names].sort() })
}

/** Reads a window for what its times say of the zone alone, and notes that it is right where it is. */
export async function proveZone(
  means: Means,
  window: TimeSlice,
): Promise<Judgement | Exclude<Outcome, 'read'>> {
  const { db, api } = means
  const asked = await ask(means, window)
  if ('gap' in asked) return 'accepted'
  if (!('events' in asked)) return asked
  const zone = await judgeZone(db, api, asked.events, 'unknown')
  if (zone === 'proven') await note(db, [recordZones(db, zonesOf(api))])
  return zone
}

async function ask(
  { db, api, get, now }: Means,
  window: TimeSlice,
): Promise<(Read & { isFull: boolean }) | Failed | { gap: string }> {
  const answer = await askApi(api, window, get)
  if (!('body' in answer)) return answer
  const elements = readElements(answer.body)
  if (!elements) return NO_LIST
  const zones = { ofApi: api.timeZone, ofWebhook: api.timeZoneOfWebhook }
  const isFull = elements.count >= countCall(api, window)
  return { ...(await prepareRows(db, elements, zones, now)), isFull }
}

/** Goes on behind a window that cannot be read. @param notes what else is to be noted */
async function skip(
  db: D1Database,
  window: TimeSlice,
  why: string,
  now: number,
  notes: D1PreparedStatement[] = [],
): Promise<'read'> {
  await note(db, [recordGap(db, window.run, why), ...notes, ...markRead(db, window, now)])
  return 'read'
}

function note(db: D1Database, notes: D1PreparedStatement[]): Promise<unknown> {
  return limited(db.batch(notes))
}

function explainFull({ since }: TimeSlice): string {
  return `In the second ${new Date(since).toISOString().slice(0, 19)}Z there are more events than Yespo answers at once: some may be missing.`
}
