import { parseExactly } from '../../event/exact-number.ts'
import { ROW_COLUMNS, type Cell, type RowColumn } from '../columns.ts'
import { SeenIdentifiers, type SeenIdentifier } from '../derived/seen-identifiers.ts'
import {
  findSuppressed,
  isSuppressing,
  type SuppressedSubject,
} from '../derived/suppressed-subject.ts'

/** The key of an event of a message. */
export type EventKey = [occurredAt: number, id: string]

/** A row of `activity`, as a message has it. */
export type NewRow = [occurredAt: number, id: string, ...Cell[]]

/** What a message tells of its rows, and the rows. */
export type OpenedMessage = {
  receivedAt: number
  origin: string
  labels: string | null
  rows: NewRow[]
}

const INDEXES = new Map<string, number>(ROW_COLUMNS.map((name, place) => [name, place]))
const placeOf = (name: RowColumn) => INDEXES.get(name) ?? NaN
const [CONTACT_ID, EXTRA] = [placeOf('contactId'), placeOf('extra')]

/** The keys of rows, each once. */
export function listEventKeys(rows: readonly NewRow[]): EventKey[] {
  const arrived = new Map(rows.map(([occurredAt, id]) => [`${occurredAt}.${id}`, [occurredAt, id]]))
  return [...arrived.values()] as EventKey[]
}

/** SuppressedSubject those rows are for that say that someone is not to be written to any more. */
export function listSuppressedSubjects(rows: readonly NewRow[]): SuppressedSubject[] {
  return rows.flatMap((row) => {
    const valueOf = (name: RowColumn) => row[placeOf(name)]
    if (!isSuppressing(valueOf)) return []
    return [findSuppressed({ occurredAt: row[0], id: row[1] }, valueOf, valueOf('extra'))]
  })
}

/** The identifiers of contacts that rows show. */
export function listSeenIdentifiers(rows: readonly NewRow[]): SeenIdentifier[] {
  const seen = new SeenIdentifiers()
  for (const row of rows) {
    const [occurredAt, id] = row
    const contactId = row[CONTACT_ID]
    if (contactId === undefined || contactId === null || typeof contactId === 'string') continue
    seen.add(contactId, { occurredAt, id }, (name) => row[placeOf(name)], row[EXTRA])
  }
  return seen.list
}

/**
 * Reads a message, to the digit.
 * @throws SyntaxError where it is none; it says nothing of what is in there
 */
export function openRows(text: string): OpenedMessage {
  // Reading every digit takes ten times as long, and few messages have numbers that need it.
  const message = read(text, JSON.parse)
  const isExact = (cell: Cell) => typeof cell !== 'number' || Number.isSafeInteger(cell)
  return message.rows.every((row) => row.every(isExact)) ? message : read(text, parseExactly)
}

function read(text: string, parse: (text: string) => unknown): OpenedMessage {
  let message: OpenedMessage | undefined
  try {
    message = parse(text) as OpenedMessage | undefined
  } catch {
    // The error of JSON.parse quotes the text, which has addresses in it.
  }
  const rows = message?.rows
  if (message && Array.isArray(rows) && rows.every(Array.isArray)) return message
  throw new SyntaxError('a message is no JSON with rows')
}
