import type { SchemaElement } from 'hyparquet'
import { PARAMETERS, type TypeName } from '../event/parameters.ts'
import type { StoredEvent } from '../db/stored-event.ts'

type Kind = 'time' | 'integer' | 'flag' | 'text'

/** A column of the archive's files, under its name in the table. */
export type ArchiveColumn = {
  readonly name: keyof StoredEvent
  readonly kind: Kind
  /** Its element in Parquet's schema. */
  readonly element: SchemaElement
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
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  },
  integer: { type: 'INT64' },
  flag: { type: 'BOOLEAN' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
}

function toColumn(
  name: ArchiveColumn['name'],
  kind: Kind,
  repetition: 'REQUIRED' | 'OPTIONAL',
): ArchiveColumn {
  return { name, kind, element: { name, repetition_type: repetition, ...TYPES[kind] } }
}

/** The columns of a file, in order. All of them are present, even without any value. */
export const COLUMNS: readonly ArchiveColumn[] = [
  toColumn('occurredAt', 'time', 'REQUIRED'),
  toColumn('id', 'text', 'REQUIRED'),
  toColumn('receivedAt', 'time', 'REQUIRED'),
  toColumn('origin', 'text', 'REQUIRED'),
  toColumn('labels', 'text', 'OPTIONAL'),
  toColumn('extra', 'text', 'OPTIONAL'),
  ...PARAMETERS.map(({ name, type }) => toColumn(name, KINDS[type], 'OPTIONAL')),
]

/** The root and the columns, as Parquet lists them. */
export const SCHEMA: SchemaElement[] = [
  { name: 'activity', num_children: COLUMNS.length },
  ...COLUMNS.map(({ element }) => element),
]
