import { findUnexpected, KINDS, type Unexpected } from '../../event/unexpected.ts'
import type { NewRow } from './new-events.ts'
import { ROW_COLUMNS, type RowColumn } from '../columns.ts'

/** Something that nobody documented, and when it was seen first: UTC milliseconds. */
export type Noted = Unexpected & { seenAt: number }

/** Of each kind. The sender may make up as many as they like: what is more is not noted. */
const MAX_RECORDED = 50
const MAX_KNOWN = 1_000

const INDEXES = new Map<string, number>(ROW_COLUMNS.map((name, place) => [name, place]))

/** What this isolate has noted, or found to be noted, so that no event costs a look into the database. */
const known = new Set<string>()

const keyOf = ({ kind, name, detail }: Unexpected) => `${kind} ${name} ${detail}`

/** What rows have that nobody documented and this isolate has not noted yet. */
export function listUnexpected(rows: readonly NewRow[]): Unexpected[] {
  if (known.size >= MAX_KNOWN) return []
  const found = new Map<string, Unexpected>()
  for (const row of rows) {
    const valueOf = (name: RowColumn) => row[INDEXES.get(name) ?? NaN]
    for (const each of findUnexpected(valueOf, valueOf('extra'))) {
      const key = keyOf(each)
      if (!known.has(key)) found.set(key, each)
    }
  }
  return [...found.values()]
}

// Each kind apart, so that one the sender makes up leaves room for the others.
const NOTE = `
  INSERT INTO unexpected (kind, name, detail, seenAt)
  SELECT ?1, value ->> 0, value ->> 1, ?2 FROM json_each(?3) WHERE true
  LIMIT max(0, ${MAX_RECORDED} - (SELECT count(*) FROM unexpected WHERE kind = ?1))
  ON CONFLICT (kind, name, detail) DO NOTHING`

/** Takes note of it, once and for all. @param now UTC milliseconds */
export function recordUnexpected(
  db: D1Database,
  found: readonly Unexpected[],
  now: number,
): D1PreparedStatement[] {
  return KINDS.flatMap((kind) => {
    const its = found.filter((each) => each.kind === kind)
    const names = its.map(({ name, detail }) => [name, detail])
    return its.length === 0 ? [] : [db.prepare(NOTE).bind(kind, now, JSON.stringify(names))]
  })
}

/** Remembers what was noted by a transaction. */
export function remember(found: readonly Unexpected[]): void {
  for (const each of found) if (known.size < MAX_KNOWN) known.add(keyOf(each))
}

/** What was seen first since a time, the first first. @param since UTC milliseconds */
export async function listRecorded(db: D1Database, since: number): Promise<Noted[]> {
  const { results } = await db
    .prepare(
      `SELECT kind, name, detail, seenAt FROM unexpected WHERE seenAt > ?
       ORDER BY seenAt, kind, name, detail`,
    )
    .bind(since)
    .all<Noted>()
  return results
}
