import { COLUMNS, type ArchiveColumn } from '../../parquet/columns.ts'

const TYPES = { time: 'timestamptz', integer: 'long', flag: 'boolean', text: 'string' } as const

/** The number by which Iceberg knows a column, whatever its name is. */
export function idOf(name: ArchiveColumn['name']): number {
  const column = COLUMNS.find((each) => each.name === name)
  if (!column) throw new Error(`The archive has no column ${name}.`)
  return column.element.field_id
}

/** The first of the IDs of partition fields, which Iceberg starts at 1,000. */
export const PARTITION_FIELD_ID = 1_000
export const PARTITION_FIELD = 'occurredAt_month'

/** The fields of the table, from the one list of columns. */
const FIELDS = COLUMNS.map(({ name, kind, element }) => ({
  id: element.field_id,
  name,
  required: element.repetition_type === 'REQUIRED',
  type: TYPES[kind],
}))

export type Schema = { type: 'struct'; 'schema-id': number; fields: typeof FIELDS }

export const SCHEMA: Schema = { type: 'struct', 'schema-id': 0, fields: FIELDS }

/** A partition is a month of `occurredAt`. */
export const PARTITION_SPEC = {
  'spec-id': 0,
  fields: [
    {
      name: PARTITION_FIELD,
      transform: 'month',
      'source-id': idOf('occurredAt'),
      'field-id': PARTITION_FIELD_ID,
    },
  ],
}

/** The order of a file's rows: a contact's events are together. Order 0 means unsorted. */
export const SORT_ORDER = {
  'order-id': 1,
  fields: (['contactId', 'occurredAt', 'id'] as const).map((name) => ({
    transform: 'identity',
    'source-id': idOf(name),
    direction: 'asc',
    'null-order': 'nulls-first',
  })),
}
