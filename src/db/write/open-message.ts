import { parseExactly } from '../../event/exact-number.ts'
import { packMessages, type Envelope } from '../../event/message.ts'
import type { Cell } from '../columns.ts'
import { parseAny } from '../erasure/subject-members.ts'

/** A row of `activity`, as a message has it. */
export type Row = [occurredAt: number, id: string, ...Cell[]]

/** A row of `quarantine`, as a message has it. */
export type Rejected = [
  request: string,
  elementIndex: number,
  part: number,
  kind: string,
  reason: string,
  sent: string,
]

/** A parsed message, with every digit. */
export type Opened = Envelope & { rows: Row[]; quarantine: Rejected[] }

/** A parsed message; undefined if the text is not one, which the database would not accept either. */
export function openMessage(text: string): Opened | undefined {
  const message = parseAny(text) as Partial<Opened> | null | undefined
  const lists = [message?.rows, message?.quarantine]
  const isMessage = lists.every((list) => Array.isArray(list) && list.every(Array.isArray))
  return isMessage ? (message as Opened) : undefined
}

/** A message of which only the rows are certain to exist. */
export type OpenedRows = Envelope & { rows: Row[] }

/**
 * Parses a message for its rows, with every digit.
 *
 * @throws SyntaxError if it is not one; its message does not quote the content
 */
export function openRows(text: string): OpenedRows {
  // Keeping every digit takes ten times as long, and few messages have numbers that need it.
  const message = parseRows(text, JSON.parse)
  const isExact = (cell: Cell) => typeof cell !== 'number' || Number.isSafeInteger(cell)
  return message.rows.every((row) => row.every(isExact)) ? message : parseRows(text, parseExactly)
}

function parseRows(text: string, parse: (text: string) => unknown): OpenedRows {
  let message: OpenedRows | undefined
  try {
    message = parse(text) as OpenedRows | undefined
  } catch {
    // The error of JSON.parse quotes the text, which contains addresses.
  }
  const rows = message?.rows
  if (message && Array.isArray(rows) && rows.every(Array.isArray)) return message
  throw new SyntaxError('a message is not JSON with rows')
}

/**
 * A message with some of its rows: the same text if all of them stay, undefined if none do.
 *
 * @param text the message as text
 */
export function repack(
  { rows, quarantine, receivedAt, origin, labels }: Opened,
  text: string,
  stays: { row: (row: Row) => boolean; rejected: (rejected: Rejected) => boolean },
): string | undefined {
  const [left, leftQuarantined] = [rows.filter(stays.row), quarantine.filter(stays.rejected)]
  if (left.length === rows.length && leftQuarantined.length === quarantine.length) return text
  const toText = (row: Row | Rejected) => JSON.stringify(row)
  const envelope = { receivedAt, origin, labels }
  const noLimit = Number.MAX_SAFE_INTEGER
  return packMessages(envelope, left.map(toText), leftQuarantined.map(toText), noLimit)[0]
}
