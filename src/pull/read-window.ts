import { Buffer } from 'node:buffer'
import { parseExactly } from '../activity/exact-number.ts'
import { prepare } from '../receive/prepare.ts'
import { storeMessages } from '../store/attempt.ts'
import { noteCoverage } from '../store/coverage.ts'
import { withTimeLimit } from '../time-limit.ts'
import { openMessage } from '../store/open-message.ts'
import { noteGap, noteRead, noteZones } from '../store/windows.ts'
import type { PullSettings } from '../settings.ts'
import { askApi, countAsked, type Answer } from './ask.ts'
import { toEvents } from './to-events.ts'
import { splitWindow, type Window } from './window.ts'
import { judgeZone, zonesOf } from './zone.ts'

/** What reading needs. */
export type Means = {
  db: D1Database
  api: PullSettings
  get: typeof fetch
  now: number
  /** See `judgeZone`. */
  knownZones: string | null
}

/** What came of it: it was read, it is to be read in parts, or not (yet). */
export type Outcome = 'read' | { parts: Window[] } | Exclude<Answer, { rows: Uint8Array }>

const STORE_LIMIT_MS = 30_000

/**
 * Reads a window: stores what is new of it, and notes who saw what. A full answer is thrown away, and the
 * window cut in two; one of a single second is kept, and that there may be more is said.
 */
export async function readWindow(
  { db, api, get, now, knownZones }: Means,
  window: Window,
): Promise<Outcome> {
  const answer = await askApi(api, window, get)
  if (!('rows' in answer)) return answer
  const rows = readRows(answer.rows)
  if (!rows) return { wait: 60, why: 'Yespo answered no list of events, or broke off' }
  const isFull = rows.length >= countAsked(api, window)
  const parts = isFull ? splitWindow(window) : []
  if (parts.length > 0) return { parts }
  const { timeZone: ofApi, timeZoneOfWebhook: ofWebhook } = api
  const body = Buffer.from(JSON.stringify(await toEvents(db, rows, { ofApi, ofWebhook })))
  const arrival = { receivedAt: now, origin: 'api', labels: null } as const
  const { messages } = prepare(body, arrival, ofWebhook)
  const events = messages.flatMap((text) => openMessage(text)?.rows ?? [])
  const zone = await judgeZone(db, api, events, knownZones, now)
  if (typeof zone === 'object') return zone
  const items = messages.map((text) => ({ text, lastTry: true }))
  const { outcomes, faults } = await storeMessages(db, items, STORE_LIMIT_MS)
  if (outcomes.includes('failed')) return { wait: 30, why: `the database failed: ${faults.join()}` }
  const seen = events.map(([occurredAt, id]) => [occurredAt, id] as const)
  const notes = [
    ...noteCoverage(db, window, seen),
    ...(isFull ? [noteGap(db, window.pull, explainGap(window, rows.length))] : []),
    ...noteRead(db, window, now),
    ...(zone === 'proven' && knownZones !== zonesOf(api) ? [noteZones(db, zonesOf(api))] : []),
  ]
  await withTimeLimit('noting what was read', STORE_LIMIT_MS, db.batch(notes))
  return 'read'
}

/** Undefined where it is no list of objects, as when it broke off. */
function readRows(body: Uint8Array): object[] | undefined {
  try {
    const rows = parseExactly(
      new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(body),
    )
    const isList =
      Array.isArray(rows) && rows.every((row) => typeof row === 'object' && row !== null)
    return isList ? (rows as object[]) : undefined
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined
    throw error
  }
}

function explainGap({ since }: Window, rows: number): string {
  return `In the second ${new Date(since).toISOString().slice(0, 19)}Z there are ${rows} events or more, and Yespo answers no more than so many: some may be missing.`
}
