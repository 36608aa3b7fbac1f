import { HOUR_MS } from '../../event/clock.ts'
import { toRunning, type Row, type RunningErasure } from './erasures.ts'
import { PASS_KEY } from '../keys.ts'
import * as kv from '../kv.ts'

/** The progress of erasures that search the archive together, one file after the other. */
export type Pass = {
  numbers: readonly number[]
  /** The number of the last file that was searched. */
  reached: number
  /** Tries of the next file, including the current one. */
  tries: number
  /** Whether a file could not be read: it may still have data of the subjects. */
  isBlocked: boolean
  /** When the next pass may begin, if this one is over: UTC milliseconds. */
  restsUntil: number
}

const PATIENCE_MS = HOUR_MS
const MAX_MEMBERS = 50
const MAX_BYTES = 1_000_000 // of their data subjects

const DB_LEFT = `finishedAt IS NULL AND target ->> '$.stage' <> 'archive' AND tries < 2`
const ARCHIVE_LEFT = `finishedAt IS NULL AND target ->> '$.stage' = 'archive'`

// Later erasures wait for the next pass: otherwise each new one, at the first file, would keep all others from getting
// any further. So a pass begins with all erasures so far, and waits a while (until ?1) for more.
const LIST_MEMBERS = `
  WITH pass AS (SELECT value FROM key_values WHERE name = '${PASS_KEY}')
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

/** The current pass, or a new one, with its erasures; null if there is none. */
export async function readPass(
  db: D1Database,
  now: number,
): Promise<{ pass: Pass; members: RunningErasure[] } | null> {
  const [saved, found] = await db.batch<Row & { value: string }>([
    db.prepare(`SELECT value FROM key_values WHERE name = '${PASS_KEY}'`),
    db.prepare(LIST_MEMBERS).bind(now - PATIENCE_MS),
  ])
  const text = saved?.results[0]?.value
  const members = (found?.results ?? []).map(toRunning)
  if (text === undefined && members.length === 0) return null
  const numbers = members.map(({ number }) => number)
  const begun: Pass = { numbers, reached: 0, tries: 0, isBlocked: false, restsUntil: 0 }
  // One reasoned cast: `savePass` wrote it.
  return { pass: text === undefined ? begun : (JSON.parse(text) as Pass), members }
}

/** Records the progress of a pass, or its end (null). */
export function savePass(db: D1Database, pass: Pass | null): D1PreparedStatement {
  return kv.setting(db, PASS_KEY, pass && JSON.stringify(pass))
}
