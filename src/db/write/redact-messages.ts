import { HOUR_MS, toUtc } from '../../event/clock.ts'
import { countMessage, isCompletePart, readReceivedAt } from '../../event/message.ts'
import { cellOf, type Cell } from '../columns.ts'
import { findSubjects, toSubject, type DataSubject } from '../erasure/subject.ts'
import { ErasureKey, findErased, type ErasureState } from '../erasure/tombstones.ts'
import { openMessage, repack, type Opened, type Rejected, type Row } from './open-message.ts'

/** A row that may be about an erased data subject; `from` is its earliest possible time. */
type Suspect = { row: Row | Rejected; digests: string[]; receivedAt: number; from: number }

/** The maximum offset of a time zone from UTC. */
const MAX_OFFSET_MS = 14 * HOUR_MS

/**
 * Removes data of erased subjects from messages, if it happened or came in before the erasure. Costs only a comparison
 * if the messages have nothing older than the newest erasure.
 *
 * @returns the messages to store, without those that have nothing left
 * @throws what D1 throws
 */
export async function redactMessages(
  db: D1Database,
  texts: readonly string[],
  { newest }: ErasureState,
): Promise<readonly string[]> {
  const opened = texts.map((text) => (mayBeFrom(text, newest) ? openMessage(text) : undefined))
  if (!opened.some(Boolean)) return texts
  const key = await ErasureKey.read(db)
  const suspects = opened.flatMap((message) => (message ? listSuspects(message, key, newest) : []))
  if (suspects.length === 0) return texts
  const erased = await findErased(
    db,
    suspects.flatMap(({ digests }) => digests),
  )
  const gone = new Set<Row | Rejected>()
  for (const { row, digests, from, receivedAt } of suspects) {
    const times = digests.flatMap((digest) => erased.get(digest) ?? [])
    if (times.some((erasedAt) => from <= erasedAt || receivedAt <= erasedAt)) gone.add(row)
  }
  const stays = (row: Row | Rejected) => !gone.has(row)
  return texts.flatMap((text, index) => {
    const message = opened[index]
    return message ? (repack(message, text, { row: stays, rejected: stays }) ?? []) : text
  })
}

// May also match inside a string, which costs only a look-up.
const OCCURRED_AT = /\[(-?\d+),"[\da-f]{32}"/g

/** Whether a message has anything that old, judged by its text: parsing takes far longer. */
function mayBeFrom(text: string, newest: number): boolean {
  if (newest === -Infinity) return false
  if (readReceivedAt(text) <= newest || countMessage(text)?.rejected !== 0) return true
  return text.matchAll(OCCURRED_AT).some(([, time]) => Number(time) <= newest)
}

function listSuspects(message: Opened, key: ErasureKey, newest: number): Suspect[] {
  const { receivedAt } = message
  const rows = message.rows.flatMap((row): Suspect[] => {
    const [from] = row
    if (from > newest && receivedAt > newest) return []
    return [{ row, digests: key.digestsAbout(subjectOf(row)), receivedAt, from }]
  })
  const rejected = message.quarantine.flatMap((row): Suspect[] => {
    const [request, elementIndex, part, kind, , sent] = row
    // An item that was removed once does not come back, even if it is sent again later.
    const digest = key.digestOfElement(request, elementIndex)
    const itself: Suspect = { row, digests: [digest], receivedAt, from: -Infinity }
    const from = timeOf(sent)
    const isOld = (from <= newest || receivedAt <= newest) && isCompletePart(part, sent)
    if (!isOld || (kind !== 'element' && kind !== 'bytes')) return [itself]
    const digests = findSubjects(sent).flatMap((subject) => key.digestsAbout(subject))
    return [itself, { row, digests, receivedAt, from }]
  })
  return [...rows, ...rejected]
}

/** The data subject of a row of a message. */
export function subjectOf(row: readonly Cell[]): DataSubject {
  return toSubject(cellOf(row, 'contactId'), (name) => cellOf(row, name), cellOf(row, 'extra'))
}

const TIME = /"activityDateTime"\s*:\s*(?:"([^"]{1,100})"|(-?[\d.eE+]{1,100}))/

/** The earliest possible time of an element; if its time is unreadable, only its arrival counts. */
function timeOf(sent: string): number {
  const [, text, literal] = TIME.exec(sent) ?? []
  const day = Date.parse(`${text?.slice(0, 10)}T00:00Z`) // if the time does not exist
  const time = toUtc(literal === undefined ? text : Number(literal), 'UTC') ?? day
  return Number.isNaN(time) ? Infinity : time - MAX_OFFSET_MS
}
