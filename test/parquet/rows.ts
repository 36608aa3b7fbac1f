import * as fc from 'fast-check'
import { COLUMNS } from '../../src/parquet/columns.ts'
import type { StoredEvent } from '../../src/db/stored-event.ts'

const BLANK = Object.fromEntries(COLUMNS.map(({ name }) => [name, null])) as Record<
  keyof StoredEvent,
  null
>

/** A row of the table, empty except for the changes. */
export function buildRow(changes: Partial<StoredEvent> = {}): StoredEvent {
  return { ...BLANK, occurredAt: 0, id: 'id', receivedAt: 1, origin: 'webhook', ...changes }
}

/** An integer of 64 bits as D1 returns it: as text if a number would lose digits. */
function toCell(integer: bigint): number | string {
  const number = Number(integer)
  return Number.isSafeInteger(number) ? number : String(integer)
}

const TIME = fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 })
// All characters, and some that programs often treat specially.
const TEXT = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    '\0',
    '\uFEFF',
    '\uFEFFx\uFEFF',
    'a\0b',
    '👩🏽‍🚀',
    'null',
    '\uFFFF',
    '\u{10FFFF}',
  ),
)
const INTEGER = fc
  .oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.constantFrom(2n ** 53n, -(2n ** 53n), 2n ** 53n - 1n, -(2n ** 63n), 2n ** 63n - 1n),
  )
  .map(toCell)

const CELLS = { time: TIME, integer: INTEGER, flag: fc.constantFrom(0, 1), text: TEXT }

/** Any event that the table can store. */
export const ANY_ROW: fc.Arbitrary<StoredEvent> = fc
  .tuple(
    ...COLUMNS.map(({ kind, element }) => {
      const cell: fc.Arbitrary<string | number | null> = CELLS[kind]
      return element.repetition_type === 'REQUIRED' ? cell : fc.option(cell, { freq: 2 })
    }),
  )
  .map((cells) =>
    buildRow(Object.fromEntries(COLUMNS.map(({ name }, index) => [name, cells[index]]))),
  )
