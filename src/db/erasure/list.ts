/** An erasure, without its data subject. */
export type Erasure = {
  number: number
  /** When it was requested: UTC milliseconds. */
  erasedAt: number
  /** Null while it is under way. */
  finishedAt: number | null
  /** The number of deleted rows of each kind. */
  removed: Readonly<Record<string, number>>
}

const COLUMNS = 'number, erasedAt, finishedAt, removed'

type Row = Omit<Erasure, 'removed'> & { removed: string }

/** Erasures, newest first. @param before the number of an erasure: only older ones */
export async function listErasures(
  db: D1Database,
  limit: number,
  before: number | undefined,
): Promise<Erasure[]> {
  const { results } = await db
    .prepare(`SELECT ${COLUMNS} FROM erasures WHERE number < ? ORDER BY number DESC LIMIT ${limit}`)
    .bind(before ?? Number.MAX_SAFE_INTEGER)
    .all<Row>()
  return results.map(toErasure)
}

export async function findErasure(db: D1Database, number: number): Promise<Erasure | null> {
  const sql = `SELECT ${COLUMNS} FROM erasures WHERE number = ?`
  const row = await db.prepare(sql).bind(number).first<Row>()
  return row && toErasure(row)
}

function toErasure({ removed, ...rest }: Row): Erasure {
  return { ...rest, removed: JSON.parse(removed) as Record<string, number> }
}
