import { parseExactly } from '../activity/exact-number.ts'
import { ROW_COLUMNS, type Cell, type RowColumn } from './columns.ts'
import { SeenNames, type SeenName } from './seen-names.ts'
import { findWhom, isSuppressing, type Whom } from './whom.ts'

/** The key of an event of a message. */
export type Arrived = [occurredAt: number, id: string]

/** A row of `activity`, as a message has it. */
export type ArrivedRow = [occurredAt: number, id: string, ...Cell[]]

/** What a message tells of its rows, and the rows. */
export type ArrivedMessage = {
  receivedAt: number
  origin: string
  labels: string | null
  rows: ArrivedRow[]
}

const PLACES = new Map<string, number>(ROW_COLUMNS.map((name, place) => [name, place]))
const placeOf = (name: RowColumn) => PLACES.get(name) ?? NaN
const [CONTACT_ID, EXTRA] = [placeOf('contactId'), placeOf('extra')]

/** The keys of rows, each once. */
export function listArrived(rows: readonly ArrivedRow[]): Arrived[] {
  const arrived = new Map(rows.map(([occurredAt, id]) => [`${occurredAt}.${id}`, [occurredAt, id]]))
  return [...arrived.values()] as Arrived[]
}

/** Whom those rows are for that say that someone is not to be written to any more. */
export function listWhomOf(rows: readonly ArrivedRow[]): Whom[] {
  return rows.flatMap((row) => {
    const valueOf = (name: RowColumn) => row[placeOf(name)]
    if (!isSuppressing(valueOf)) return []
    return [findWhom({ occurredAt: row[0], id: row[1] }, valueOf, valueOf('extra'))]
  })
}

/** The identifiers of contacts that rows show. */
export function listSeenNames(rows: readonly ArrivedRow[]): SeenName[] {
  const seen = new SeenNames()
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
export function readArrived(text: string): ArrivedMessage {
  // Reading every digit takes ten times as long, and few messages have numbers that need it.
  const message = read(text, JSON.parse)
  const isExact = (cell: Cell) => typeof cell !== 'number' || Number.isSafeInteger(cell)
  return message.rows.every((row) => row.every(isExact)) ? message : read(text, parseExactly)
}

function read(text: string, parse: (text: string) => unknown): ArrivedMessage {
  let message: ArrivedMessage | undefined
  try {
    message = parse(text) as ArrivedMessage | undefined
  } catch {
    // The error of JSON.parse quotes the text, which has addresses in it.
  }
  const rows = message?.rows
  if (message && Array.isArray(rows) && rows.every(Array.isArray)) return message
  throw new SyntaxError('a message is no JSON with rows')
}
