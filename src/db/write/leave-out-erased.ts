import { HOUR_MS, toUtc } from '../../event/clock.ts'
import { ROW_COLUMNS, type Cell } from '../columns.ts'
import { ErasureKey, findErased, type ErasedState } from '../erasure/tombstones.ts'
import { countMessage, isCompletePart, readReceivedAt } from '../../event/message.ts'
import { repack, openMessage, type Opened, type Rejected, type Row } from './open-message.ts'
import { findSubjects, toSubject, type DataSubject } from '../erasure/subject.ts'

/** Something in a message that may be about someone who was forgotten; `from` is the earliest it can be from. */
type Suspect = { what: Row | Rejected; digests: string[]; receivedAt: number; from: number }

const CONTACT_ID = ROW_COLUMNS.indexOf('contactId')

/** Clocks of the zones differ by no more from UTC. */
const MAX_OFFSET_MS = 14 * HOUR_MS

/**
 * Takes out of messages what is about someone who was forgotten: all that happened, or came in, until
 * then. It costs nothing but a comparison where nobody was since what the messages hold.
 *
 * @returns the messages to store; those with nothing left are left out
 * @throws what D1 throws
 */
export async function leaveOutTombstones(
  db: D1Database,
  texts: readonly string[],
  { newest }: ErasedState,
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
  for (const { what, digests, from, receivedAt } of suspects) {
    const times = digests.flatMap((digest) => erased.get(digest) ?? [])
    if (times.some((erasedAt) => from <= erasedAt || receivedAt <= erasedAt)) gone.add(what)
  }
  const stays = (what: Row | Rejected) => !gone.has(what)
  return texts.flatMap((text, place) => {
    const message = opened[place]
    return message ? (repack(message, text, { row: stays, rejected: stays }) ?? []) : text
  })
}

// May match inside a string as well, which costs a look and nothing else.
const OCCURRED_AT = /\[(-?\d+),"[\da-f]{32}"/g

/** Whether a message has anything from before: told from its text, as opening it takes far longer. */
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
    return [{ what: row, digests: key.digestsAbout(subjectOf(row)), receivedAt, from }]
  })
  const rejected = message.quarantine.flatMap((what): Suspect[] => {
    const [request, elementIndex, part, kind, , sent] = what
    // Whatever was taken out once does not come back, whenever it is sent again.
    const element = key.digestOfElement(request, elementIndex)
    const again: Suspect = { what, digests: [element], receivedAt, from: -Infinity }
    const from = timeOf(sent)
    const isQueried = (from <= newest || receivedAt <= newest) && isCompletePart(part, sent)
    if (!isQueried || (kind !== 'element' && kind !== 'bytes')) return [again]
    const digests = findSubjects(sent).flatMap((person) => key.digestsAbout(person))
    return [again, { what, digests, receivedAt, from }]
  })
  return [...rows, ...rejected]
}

/** SuppressedSubject a row of a message is about. */
export function subjectOf(row: readonly Cell[]): DataSubject {
  const contactId = row[CONTACT_ID]
  const valueOf = (name: (typeof ROW_COLUMNS)[number]) => row[ROW_COLUMNS.indexOf(name)]
  return toSubject(contactId, valueOf, valueOf('extra'))
}

const TIME = /"activityDateTime"\s*:\s*(?:"([^"]{1,100})"|(-?[\d.eE+]{1,100}))/

/** The earliest that an element can be from; if it has no time that can be read, when it came in tells. */
function timeOf(sent: string): number {
  const [, text, literal] = TIME.exec(sent) ?? []
  const day = Date.parse(`${text?.slice(0, 10)}T00:00Z`) // of a time that does not exist
  const time = toUtc(literal === undefined ? text : Number(literal), 'UTC') ?? day
  return Number.isNaN(time) ? Infinity : time - MAX_OFFSET_MS
}
