import { Buffer } from 'node:buffer'
import { toEvent } from '../event/api-row.ts'
import { secondMeaning, toUtc } from '../event/clock.ts'
import { toLocalText } from '../event/time-zone.ts'
import { isDeeperThan, MAX_DEPTH, type Activity } from '../event/normalize.ts'
import type { EventKey } from '../db/stored-event.ts'
import type { ZoneSpan } from '../db/sync/zone-history.ts'
import { encodeQuarantined, packMessages, type Envelope } from '../event/message.ts'
import { Elements } from '../ingest/parse-elements.ts'
import { splitBody } from '../ingest/to-messages.ts'
import { matchStored, type Match } from './match-stored.ts'

/** The time zones of Yespo's times, IANA names. */
type Zones = { ofApi: string; ofWebhook: string }

/** A row of the API as an event; `second` is the other meaning of a local time that occurred twice. */
type RowEvent = { event: Record<string, unknown>; second: number | undefined }

/** An event of a response, with the key of its stored event, or the key that it will have. */
export type ApiElement = {
  activity: Activity
  key: EventKey
  match: Match | undefined
  /** The period of another zone, because of which it is left out. */
  other: ZoneSpan | undefined
}

export type PreparedRows = {
  /** New events and invalid rows, ready to be stored. */
  messages: string[]
  events: ApiElement[]
}

const SECOND_MS = 1_000
const BOM = /^\u00ef\u00bb\u00bf/
const ARRAY = /^\s*\[/
const COMMA = Buffer.from(',')

/** The rows of a response; undefined if it is not a list, or is incomplete. */
export function readElements(body: Uint8Array): Elements | undefined {
  if (!ARRAY.test(Buffer.from(body.subarray(0, 100)).toString('latin1').replace(BOM, ''))) {
    return undefined
  }
  const elements = new Elements(body)
  return elements.error ? undefined : elements
}

/**
 * Turns rows into messages, as if the webhook had delivered them, except for events that are already stored. Invalid
 * rows are quarantined unchanged.
 *
 * @param findOther the period because of which a new event of a time is left out: see `zone-history.ts`
 * @throws what D1 throws
 */
export async function prepareRows(
  db: D1Database,
  elements: Elements,
  zones: Zones,
  now: number,
  findOther: (time: number) => ZoneSpan | undefined,
): Promise<PreparedRows> {
  const rows = Array.from({ length: elements.count }, (_, index) =>
    readElement(elements, index, zones),
  )
  const envelope: Envelope = { receivedAt: now, origin: 'api', labels: null }
  const body = joinBody(elements, rows)
  const { events, quarantined } = splitBody(body, envelope, zones.ofWebhook, 'element')
  const candidates = events.map(({ index, activity, row }) => {
    const { event, second } = rows[index] ?? { event: {}, second: undefined }
    const key = { occurredAt: activity.occurredAt, id: activity.id }
    return { activity, row, event, second, key }
  })
  const matches = await matchStored(db, candidates)
  const found = candidates.map((candidate) => {
    const match = matches.get(candidate)
    const key = match?.key ?? candidate.key
    const other = match ? undefined : findOther(key.occurredAt)
    return { ...candidate, key, match, other }
  })
  const added = found.filter((each) => !each.match && !each.other).map(({ row }) => row)
  return {
    messages: packMessages(envelope, added, quarantined.flatMap(encodeQuarantined)),
    events: found.map(({ activity, key, match, other }) => ({ activity, key, match, other })),
  }
}

/** Reads a row; undefined if it cannot be an event. */
function readElement(elements: Elements, index: number, zones: Zones): RowEvent | undefined {
  const read = elements.read(index)
  const value = 'value' in read ? read.value : undefined
  const isRow = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!isRow || isDeeperThan(MAX_DEPTH, value)) return undefined
  return readRow(value, zones)
}

/** A row as the webhook would report the event, with the webhook's names of parameters and its times. */
function readRow(row: object, { ofApi, ofWebhook }: Zones): RowEvent {
  const event = toEvent(row)
  const { activityDateTime: time } = event
  const first = ofApi === ofWebhook || typeof time !== 'string' ? undefined : toUtc(time, ofApi)
  // An event with an invalid time is invalid, and quarantined unchanged.
  if (first === undefined) return { event, second: undefined }
  const second = secondMeaning(time, ofApi)
  return {
    event: { ...event, activityDateTime: formatTime(first, ofWebhook) },
    second: second === undefined ? undefined : toUtc(formatTime(second, ofWebhook), ofWebhook),
  }
}

function formatTime(time: number, zone: string): string {
  const fraction = ((time % SECOND_MS) + SECOND_MS) % SECOND_MS
  return toLocalText(time, zone) + (fraction ? `.${String(fraction).padStart(3, '0')}` : '')
}

/** The body that the webhook would have sent, with rows that cannot be events unchanged. */
function joinBody(elements: Elements, rows: readonly (RowEvent | undefined)[]): Uint8Array {
  const pieces = rows.map((row, index) =>
    row ? Buffer.from(JSON.stringify(row.event)) : elements.bytesOf(index),
  )
  const parts = pieces.flatMap((piece, index) => (index > 0 ? [COMMA, piece] : [piece]))
  return Buffer.concat([Buffer.from('['), ...parts, Buffer.from(']')])
}
