import { parseExactly, type ExactNumber } from '../activity/exact-number.ts'
import { ROW_COLUMNS, type Cell, type RowColumn } from './columns.ts'
import { SeenNames, type SeenName } from './seen-names.ts'

/** An event of a message, with what tells its delivery. */
export type Arrived = [
  occurredAt: number,
  id: string,
  iid: string | null,
  contactId: number | ExactNumber | null,
]

/** A row of `activity`, as a message has it. */
export type ArrivedRow = [occurredAt: number, id: string, ...Cell[]]

const PLACES = new Map<string, number>(ROW_COLUMNS.map((name, place) => [name, place]))
const placeOf = (name: RowColumn) => PLACES.get(name) ?? NaN
const [IID, CONTACT_ID] = [placeOf('iid'), placeOf('contactId')]

/**
 * The rows of messages.
 * @throws SyntaxError where a message is no JSON; it says nothing of what is in there
 */
export function readArrivedRows(texts: readonly string[]): ArrivedRow[] {
  return texts.flatMap(parseRows)
}

/** The events of rows, each once. */
export function listArrived(rows: readonly ArrivedRow[]): Arrived[] {
  const arrived = new Map<string, Arrived>()
  for (const row of rows) {
    const [occurredAt, id] = row
    const [iid, contactId] = [row[IID], row[CONTACT_ID]]
    arrived.set(`${occurredAt}.${id}`, [
      occurredAt,
      id,
      // SQLite's functions see a text end at a NUL; such a delivery is found by going through the table.
      typeof iid === 'string' && !iid.includes('\0') ? iid : null,
      contactId === undefined || typeof contactId === 'string' ? null : contactId,
    ])
  }
  return [...arrived.values()]
}

/** The identifiers of contacts that rows show. */
export function listSeenNames(rows: readonly ArrivedRow[]): SeenName[] {
  const seen = new SeenNames()
  for (const row of rows) {
    const [occurredAt, id] = row
    const contactId = row[CONTACT_ID]
    if (contactId === undefined || contactId === null || typeof contactId === 'string') continue
    seen.add(contactId, { occurredAt, id }, (name) => row[placeOf(name)])
  }
  return seen.list
}

/** Exact in what is asked for here: reading every digit of everything takes ten times as long. */
function parseRows(text: string): ArrivedRow[] {
  const rows = readRows(text, JSON.parse)
  const isExact = ({ [CONTACT_ID]: cell }: ArrivedRow) =>
    typeof cell !== 'number' || Number.isSafeInteger(cell)
  return rows.every(isExact) ? rows : readRows(text, parseExactly)
}

function readRows(text: string, parse: (text: string) => unknown): ArrivedRow[] {
  let message: { rows?: ArrivedRow[] } | undefined
  try {
    message = parse(text) as { rows?: ArrivedRow[] }
  } catch {
    // The error of JSON.parse quotes the text, which has addresses in it.
  }
  const rows = message?.rows
  if (Array.isArray(rows) && rows.every(Array.isArray)) return rows
  throw new SyntaxError('a message is no JSON with rows')
}
