import { HOUR_MS } from '../../event/clock.ts'
import type { FileKey } from '../archive/files.ts'
import { toUnderWay, type Row, type UnderWay } from './erasures.ts'
import { setValue } from '../kv.ts'

/** How far erasures are that go through the files of the archive together, one file after the other. */
export type Pass = {
  numbers: readonly number[]
  /** The last file that was gone through. */
  reached: FileKey
  /** How often the next one was tried, the try under way included. */
  tries: number
  /** Whether a file could not be read, so that nobody knows whom it holds. */
  isBlocked: boolean
  /** It is over, and nothing is gone through before: UTC milliseconds. */
  restsUntil: number
}

const NOTE = 'erasure.pass'
const BEFORE_ALL = { day: -8_640_000_000_000_000, file: 0 }
const PATIENCE_MS = HOUR_MS
const MAX_MEMBERS = 50
const MAX_BYTES = 1_000_000 // of whom they are about

const DB_LEFT = `finishedAt IS NULL AND target ->> '$.stage' <> 'archive' AND tries < 2`
const ARCHIVE_LEFT = `finishedAt IS NULL AND target ->> '$.stage' = 'archive'`

// Who comes later waits for the next pass: else whoever begins at the first file would keep all others from
// getting beyond it. So one begins with all that have come so far; it waits for others a while, ?1.
const LIST_MEMBERS = `
  WITH pass AS (SELECT value FROM key_values WHERE name = '${NOTE}')
  SELECT number, erasedAt, target, tries FROM (
    SELECT *, sum(length(target)) OVER (ORDER BY number) AS upTo FROM (
      SELECT * FROM erasures INDEXED BY erasures_under_way
      WHERE ${ARCHIVE_LEFT} AND CASE WHEN EXISTS (SELECT 1 FROM pass)
        THEN number IN (SELECT each.value FROM pass CROSS JOIN json_each(pass.value, '$.numbers') AS each)
        ELSE NOT EXISTS (SELECT 1 FROM erasures INDEXED BY erasures_under_way WHERE ${DB_LEFT}) OR ?1 >= (
          SELECT min(max(turn, erasedAt)) FROM erasures INDEXED BY erasures_under_way WHERE ${ARCHIVE_LEFT}
        ) END
      ORDER BY number LIMIT ${MAX_MEMBERS}
    )
  )
  WHERE upTo <= ${MAX_BYTES} OR upTo = length(target) OR EXISTS (SELECT 1 FROM pass)`

/** The pass that goes on, or a new one, with those whom it is about; null where there is none. */
export async function readPass(
  db: D1Database,
  now: number,
): Promise<{ pass: Pass; members: UnderWay[] } | null> {
  const [note, found] = await db.batch<Row & { value: string }>([
    db.prepare(`SELECT value FROM key_values WHERE name = '${NOTE}'`),
    db.prepare(LIST_MEMBERS).bind(now - PATIENCE_MS),
  ])
  const text = note?.results[0]?.value
  const members = (found?.results ?? []).map(toUnderWay)
  if (text === undefined && members.length === 0) return null
  const numbers = members.map(({ number }) => number)
  const begun: Pass = { numbers, reached: BEFORE_ALL, tries: 0, isBlocked: false, restsUntil: 0 }
  // One reasoned cast: `savePass` wrote it.
  return { pass: text === undefined ? begun : (JSON.parse(text) as Pass), members }
}

/** Notes how far a pass is, or with null that it is over. */
export function savePass(db: D1Database, pass: Pass | null): D1PreparedStatement {
  return setValue(db, NOTE, pass && JSON.stringify(pass))
}
