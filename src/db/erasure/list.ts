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

/** The contacts that are being erased, in decimal digits: some of their events may still be there. */
export async function listBeingErased(db: D1Database): Promise<Set<string>> {
  const contacts = (path: string) => `
    SELECT contact.value AS contactId
    FROM erasures INDEXED BY erasures_under_way CROSS JOIN json_each(target, '${path}') AS contact
    WHERE finishedAt IS NULL`
  const { results } = await db
    .prepare(`${contacts('$.contactIds')} UNION ${contacts('$.found.contactIds')}`)
    .all<{ contactId: string }>()
  return new Set(results.map(({ contactId }) => contactId))
}

function toErasure({ removed, ...rest }: Row): Erasure {
  return { ...rest, removed: JSON.parse(removed) as Record<string, number> }
}
