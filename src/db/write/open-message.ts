import type { Cell } from '../columns.ts'
import { packMessages, type Envelope } from '../../event/message.ts'
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

/** A message taken apart, to the digit. */
export type Opened = Envelope & { rows: Row[]; quarantine: Rejected[] }

/** Undefined for what is no message: the database says so, too. */
export function openMessage(text: string): Opened | undefined {
  const message = parseAny(text) as Partial<Opened> | null | undefined
  const lists = [message?.rows, message?.quarantine]
  const isOne = lists.every((list) => Array.isArray(list) && list.every(Array.isArray))
  return isOne ? (message as Opened) : undefined
}

/**
 * What is left of a message with a part of its rows: its own text where all stay, undefined where none do.
 *
 * @param text that it was opened from
 */
export function repack(
  { rows, quarantine, receivedAt, origin, labels }: Opened,
  text: string,
  stays: { row: (row: Row) => boolean; rejected: (rejected: Rejected) => boolean },
): string | undefined {
  const [left, leftQuarantined] = [rows.filter(stays.row), quarantine.filter(stays.rejected)]
  if (left.length === rows.length && leftQuarantined.length === quarantine.length) return text
  const write = (what: Row | Rejected) => JSON.stringify(what)
  const arrival = { receivedAt, origin, labels }
  const everything = Number.MAX_SAFE_INTEGER
  return packMessages(arrival, left.map(write), leftQuarantined.map(write), everything)[0]
}
