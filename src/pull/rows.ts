import { Buffer } from 'node:buffer'
import { isDeeperThan, MAX_DEPTH } from '../activity/normalize.ts'
import type { Arrival } from '../store/message.ts'
import { openMessage } from '../store/open-message.ts'
import { Elements } from '../receive/elements.ts'
import { prepare } from '../receive/prepare.ts'
import { toEvents, type Zones } from './to-events.ts'

/** What an answer of the API holds, ready to be stored. */
export type Read = {
  messages: string[]
  /** The rows of the messages, see `ROW_COLUMNS`. */
  events: readonly (readonly unknown[])[]
}

const ARRAY = /^\s*\[/

/** The rows of an answer; undefined where it is no list, as when it broke off. */
export function readElements(body: Uint8Array): Elements | undefined {
  if (!ARRAY.test(Buffer.from(body.subarray(0, 100)).toString('latin1').replace(BOM, ''))) {
    return undefined
  }
  const elements = new Elements(body)
  return elements.fault ? undefined : elements
}

const BOM = /^\u00ef\u00bb\u00bf/

/** Turns rows into messages, as if the webhook had brought them; one that is no event is set aside as it came. */
export async function prepareRows(
  db: D1Database,
  elements: Elements,
  zones: Zones,
  now: number,
): Promise<Read> {
  const isRow = (value: unknown): value is object =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !isDeeperThan(MAX_DEPTH, value)
  const values = Array.from({ length: elements.count }, (_, index) => {
    const read = elements.read(index)
    return 'value' in read ? read.value : undefined
  })
  const events = (await toEvents(db, values.filter(isRow), zones)).values()
  const pieces = values.map((value, index) => {
    if (isRow(value)) return Buffer.from(JSON.stringify(events.next().value))
    const { text, isBytes } = elements.sourceOf(index)
    return Buffer.from(text, isBytes ? 'latin1' : 'utf8')
  })
  const body = Buffer.concat(
    pieces.flatMap((piece, place) => (place > 0 ? [COMMA, piece] : [piece])),
  )
  const arrival: Arrival = { receivedAt: now, origin: 'api', labels: null }
  const whole = Buffer.concat([Buffer.from('['), body, Buffer.from(']')])
  const { messages } = prepare(new Elements(whole), arrival, zones.ofWebhook, 'element')
  return { messages, events: messages.flatMap((text) => openMessage(text)?.rows ?? []) }
}

const COMMA = Buffer.from(',')
