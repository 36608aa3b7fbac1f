import { findUnexpected, KINDS, type Unexpected } from '../../event/unexpected.ts'
import { cellOf } from '../columns.ts'
import type { Row } from './open-message.ts'

/** Something undocumented, and when it was first seen: UTC milliseconds. */
export type SeenUnexpected = Unexpected & { seenAt: number }

/** The maximum number recorded of each kind, as a sender may make up any number. */
const MAX_RECORDED = 50
const MAX_KNOWN = 1_000

/** The entries that this isolate knows to be recorded, so that events cost no look-up. */
const known = new Set<string>()

const keyOf = ({ kind, name, detail }: Unexpected) => `${kind} ${name} ${detail}`

/** Lists the undocumented things in rows that are not known to be recorded. */
export function listUnexpected(rows: readonly Row[]): Unexpected[] {
  if (known.size >= MAX_KNOWN) return []
  const found = new Map<string, Unexpected>()
  for (const row of rows) {
    for (const each of findUnexpected((name) => cellOf(row, name), cellOf(row, 'extra'))) {
      const key = keyOf(each)
      if (!known.has(key)) found.set(key, each)
    }
  }
  return [...found.values()]
}

// Each kind has its own limit, so that a flood of one leaves room for the others.
const RECORD = `
  INSERT INTO unexpected (kind, name, detail, seenAt)
  SELECT ?1, value ->> 0, value ->> 1, ?2 FROM json_each(?3) WHERE true
  LIMIT max(0, ${MAX_RECORDED} - (SELECT count(*) FROM unexpected WHERE kind = ?1))
  ON CONFLICT (kind, name, detail) DO NOTHING`

/** Records undocumented things, each once. @param now UTC milliseconds */
export function recordUnexpected(
  db: D1Database,
  found: readonly Unexpected[],
  now: number,
): D1PreparedStatement[] {
  return KINDS.flatMap((kind) => {
    const ofKind = found.filter((each) => each.kind === kind)
    const names = ofKind.map(({ name, detail }) => [name, detail])
    return names.length === 0 ? [] : [db.prepare(RECORD).bind(kind, now, JSON.stringify(names))]
  })
}

/** Remembers that a transaction recorded these. */
export function remember(found: readonly Unexpected[]): void {
  for (const each of found) if (known.size < MAX_KNOWN) known.add(keyOf(each))
}

/** The undocumented things first seen after a time, in order. @param since UTC milliseconds */
export async function listRecorded(db: D1Database, since: number): Promise<SeenUnexpected[]> {
  const { results } = await db
    .prepare(
      `SELECT kind, name, detail, seenAt FROM unexpected WHERE seenAt > ?
       ORDER BY seenAt, kind, name, detail`,
    )
    .bind(since)
    .all<SeenUnexpected>()
  return results
}
