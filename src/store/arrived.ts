import { parseExactly, type ExactNumber } from '../activity/exact-number.ts'
import { ROW_COLUMNS, type Cell } from './columns.ts'

/** An event of a message, with what tells its delivery. */
export type Arrived = [
  occurredAt: number,
  id: string,
  iid: string | null,
  contactId: number | ExactNumber | null,
]

type Row = [occurredAt: number, id: string, ...Cell[]]

const [IID, CONTACT_ID] = [ROW_COLUMNS.indexOf('iid'), ROW_COLUMNS.indexOf('contactId')]

/**
 * The events of messages, each once.
 * @throws SyntaxError where a message is no JSON; it says nothing of what is in there
 */
export function listArrived(texts: readonly string[]): Arrived[] {
  const arrived = new Map<string, Arrived>()
  for (const row of texts.flatMap(parseRows)) {
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

/** Exact in what is asked for here: reading every digit of everything takes ten times as long. */
function parseRows(text: string): Row[] {
  const rows = readRows(text, JSON.parse)
  const isExact = ({ [CONTACT_ID]: cell }: Row) =>
    typeof cell !== 'number' || Number.isSafeInteger(cell)
  return rows.every(isExact) ? rows : readRows(text, parseExactly)
}

function readRows(text: string, parse: (text: string) => unknown): Row[] {
  let message: { rows?: Row[] } | undefined
  try {
    message = parse(text) as { rows?: Row[] }
  } catch {
    // The error of JSON.parse quotes the text, which has addresses in it.
  }
  const rows = message?.rows
  if (Array.isArray(rows) && rows.every(Array.isArray)) return rows
  throw new SyntaxError('a message is no JSON with rows')
}
