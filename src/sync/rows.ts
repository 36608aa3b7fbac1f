import { Buffer } from 'node:buffer'
import { isDeeperThan, MAX_DEPTH, type Activity } from '../event/normalize.ts'
import type { EventKey } from '../db/stored-activity.ts'
import { encodeQuarantined, packMessages, type Envelope } from '../event/message.ts'
import { Elements } from '../ingest/parse-elements.ts'
import { splitBody } from '../ingest/to-messages.ts'
import { limited } from './database-timeout.ts'
import { matchStored, type Match } from './match-stored.ts'
import { readRow, type RowEvent, type Zones } from './to-events.ts'

/** An event of an answer, and where it is stored, or will be. */
export type ApiElement = { activity: Activity; place: EventKey; match: Match | undefined }

/** What an answer of the API holds. */
export type Read = {
  /** What is not stored yet, ready for it, and what is no event. */
  messages: string[]
  events: ApiElement[]
}

const ARRAY = /^\s*\[/

/** The rows of an answer; undefined where it is no list, as when it broke off. */
export function readElements(body: Uint8Array): Elements | undefined {
  if (!ARRAY.test(Buffer.from(body.subarray(0, 100)).toString('latin1').replace(BOM, ''))) {
    return undefined
  }
  const elements = new Elements(body)
  return elements.error ? undefined : elements
}

const BOM = /^\u00ef\u00bb\u00bf/

/**
 * Turns rows into messages, as if the webhook had confirmed them, but for events that are stored already; a row
 * that is no event is set aside as it came.
 *
 * @throws what D1 throws
 */
export async function prepareRows(
  db: D1Database,
  elements: Elements,
  zones: Zones,
  now: number,
): Promise<Read> {
  const rows = Array.from({ length: elements.count }, (_, index) =>
    readElement(elements, index, zones),
  )
  const arrival: Envelope = { receivedAt: now, origin: 'api', labels: null }
  const body = joinBody(elements, rows)
  const { events, quarantined } = splitBody(body, arrival, zones.ofWebhook, 'element')
  const told = events.map(({ index, activity, row }) => {
    const { event, second } = rows[index] ?? { event: {}, second: undefined }
    return {
      activity,
      row,
      event,
      second,
      place: { occurredAt: activity.occurredAt, id: activity.id },
    }
  })
  const matches = await limited(matchStored(db, told))
  const fresh = told.filter((one) => !matches.has(one)).map(({ row }) => row)
  return {
    messages: packMessages(arrival, fresh, quarantined.flatMap(encodeQuarantined)),
    events: told.map((one) => {
      const match = matches.get(one)
      return { activity: one.activity, place: match?.place ?? one.place, match }
    }),
  }
}

/** Undefined for what cannot be an event. */
function readElement(elements: Elements, index: number, zones: Zones): RowEvent | undefined {
  const read = elements.read(index)
  const value = 'value' in read ? read.value : undefined
  const isRow = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!isRow || isDeeperThan(MAX_DEPTH, value)) return undefined
  return readRow(value, zones)
}

/** The body that the webhook would have sent; what cannot be an event is in it as it came. */
function joinBody(elements: Elements, rows: readonly (RowEvent | undefined)[]): Uint8Array {
  const pieces = rows.map((row, index) => {
    if (row) return Buffer.from(JSON.stringify(row.event))
    return elements.bytesOf(index)
  })
  const parts = pieces.flatMap((piece, place) => (place > 0 ? [COMMA, piece] : [piece]))
  return Buffer.concat([Buffer.from('['), ...parts, Buffer.from(']')])
}

const COMMA = Buffer.from(',')
