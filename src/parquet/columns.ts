import type { SchemaElement } from 'hyparquet'
import { PARAMETERS, type TypeName } from '../event/parameters.ts'
import type { StoredEvent } from '../db/stored-event.ts'

type Kind = 'time' | 'integer' | 'flag' | 'text'

/** A column of the archive's files, under its name in the table. */
export type ArchiveColumn = {
  readonly name: keyof StoredEvent
  readonly kind: Kind
  /** Its element in Parquet's schema; the `field_id` is the column's in the Iceberg table. */
  readonly element: SchemaElement & { readonly field_id: number }
}

const KINDS: Readonly<Record<TypeName, Kind>> = {
  string: 'text',
  int: 'integer',
  bool: 'flag',
  'array of strings': 'text', // JSON, as the table has it
}

// Old readers know only the converted types; the logical types are more precise.
const TYPES: Readonly<Record<Kind, Omit<SchemaElement, 'name'>>> = {
  time: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MICROS', // as in an Iceberg table
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
  },
  integer: { type: 'INT64' },
  flag: { type: 'BOOLEAN' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
}

type Listed = readonly [ArchiveColumn['name'], Kind, 'REQUIRED' | 'OPTIONAL']

const LISTED: readonly Listed[] = [
  ['occurredAt', 'time', 'REQUIRED'],
  ['id', 'text', 'REQUIRED'],
  ['receivedAt', 'time', 'REQUIRED'],
  ['origin', 'text', 'REQUIRED'],
  ['labels', 'text', 'OPTIONAL'],
  ['extra', 'text', 'OPTIONAL'],
  ...PARAMETERS.map(({ name, type }): Listed => [name, KINDS[type], 'OPTIONAL']),
]

/** The columns of a file, in order. All of them are present, even without any value. */
export const COLUMNS: readonly ArchiveColumn[] = LISTED.map(([name, kind, repetition], index) => {
  const element = { name, repetition_type: repetition, field_id: index + 1, ...TYPES[kind] }
  return { name, kind, element }
})

/** The root and the columns, as Parquet lists them. */
export const SCHEMA: SchemaElement[] = [
  { name: 'activity', num_children: COLUMNS.length },
  ...COLUMNS.map(({ element }) => element),
]
