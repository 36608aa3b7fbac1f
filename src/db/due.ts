import { DAY_MS, HOUR_MS } from '../event/clock.ts'
import { TASKS, type Task } from '../platform/tasks.ts'
import {
  MOVE_STATE,
  planMove,
  toMoveState,
  type MoveLimits,
  type MoveRow,
} from './archive/pressure.ts'
import { isMergeDue } from './archive/merges.ts'
import { NEXT_HOUR_OVER } from './derived/hours.ts'
import { IS_FOLD_DUE } from './engagement/due.ts'
import { isRareTurn, MAX_TRIES } from './erasure/turns.ts'
import {
  ANOMALIES_KEY,
  DIGEST_KEY,
  MOVE_ERROR_KEY,
  PASS_KEY,
  PRUNED_KEY,
  RAW_PREFIX,
  REPLAY_PREFIX,
  REVIEW_PREFIX,
} from './keys.ts'
import { purgeDue } from './archive/garbage.ts'
import * as kv from './kv.ts'
import { WARNING_DAYS } from './quarantine/expiry.ts'
import { IS_ROLLUP_DUE } from './rollups/hours.ts'
import { ROLLED_UP_UNTIL } from './rollups/read-pulse.ts'
import { STUCK_MS } from './sync/runs.ts'
import { isZoneNew } from './sync/zone-history.ts'
import { REMEMBERED_MS, STALLED_MS } from './write/large-bodies.ts'

/** What decides whether there is something to do, besides the database. Times in UTC milliseconds. */
export type DueInput = MoveLimits & {
  /** Only erasures that were requested earlier. */
  erasuresBefore: number
  hasArchive: boolean
  /** Days after which quarantined items are deleted; 0 keeps all. */
  quarantineDays: number
  /** When the last scheduled sync began at the latest for the next to be due; null if none is scheduled. */
  syncedBefore: number | null
  readsApi: boolean
  /** So many runs of archive files are merged into one. */
  maxRuns: number
  /** Rows that today's bulk work may have written; the rest is for new events. */
  maxRowsWritten: number
  /** The zone of the webhook's times; null if it is invalid. */
  timeZone: string | null
  /** The Monday of the newest week whose digest is due; null if none is posted. */
  digestWeek: string | null
}

const UNDER_WAY =
  'SELECT 1 FROM erasures INDEXED BY erasures_under_way WHERE finishedAt IS NULL AND'

// ?1 now, ?2 erasuresBefore, ?3 isRareTurn, ?4 hasArchive, ?5 maxRuns, ?6 quarantineDays, ?7 syncedBefore, ?8 readsApi,
// ?9 today, ?10 maxRowsWritten, ?11 digestWeek, ?12 timeZone
const CONDITIONS: Readonly<Record<Task, string>> = {
  erasures: `
    EXISTS (${UNDER_WAY} target ->> '$.stage' <> 'archive' AND erasedAt < ?2 AND (tries < ${MAX_TRIES} OR ?3))
    OR ?4 AND EXISTS (SELECT 1 FROM tombstones INDEXED BY tombstones_unrecorded WHERE isRecorded = 0)
    OR ?4 AND coalesce((SELECT value ->> '$.restsUntil' FROM key_values WHERE name = '${PASS_KEY}') <= ?1,
      EXISTS (${UNDER_WAY} target ->> '$.stage' = 'archive'))
    OR ${hasKey(REVIEW_PREFIX)}`,
  replay: hasKey(REPLAY_PREFIX),
  sync: `
    ?12 IS NOT NULL AND ${isZoneNew('?12')}
    OR ?8 AND (
      EXISTS (SELECT 1 FROM sync_runs INDEXED BY sync_runs_running WHERE state = 'running' AND movedAt <= ?1 - ${STUCK_MS})
      OR ?7 IS NOT NULL AND coalesce((
        SELECT beganAt <= ?7 AND state <> 'running' FROM sync_runs
        WHERE kind = 'schedule' ORDER BY number DESC LIMIT 1
      ), 1)
    )`,
  raw: hasKey(RAW_PREFIX),
  bodies: `
    EXISTS (SELECT 1 FROM large_bodies WHERE receivedAt < ?1 - ${STALLED_MS} AND finishedAt IS NULL)
    OR EXISTS (SELECT 1 FROM large_bodies WHERE finishedAt < ?1 - ${REMEMBERED_MS})`,
  rollups: IS_ROLLUP_DUE,
  engagement: IS_FOLD_DUE,
  anomalies: `
    ${ROLLED_UP_UNTIL} > coalesce((SELECT value ->> '$.until' FROM key_values WHERE name = '${ANOMALIES_KEY}'), 0)`,
  archive: `
    ?4 AND (
      EXISTS (SELECT 1 FROM archive INDEXED BY archive_open WHERE (state <> 'done' OR error IS NOT NULL) AND state <> 'merging')
      OR ${isMergeDue('?5')}
      OR EXISTS (SELECT 1 FROM late_arrivals)
      OR ${purgeDue(`?1 - ${HOUR_MS}`)}
      OR EXISTS (SELECT 1 FROM key_values WHERE name = '${MOVE_ERROR_KEY}')
    ) AND ROOM`,
  expiry: `
    ?6 > 0 AND EXISTS (
      SELECT 1 FROM quarantine INDEXED BY quarantine_by_time
      WHERE part = 0 AND receivedAt <= min(?1 - ?6 * ${DAY_MS}, (
        SELECT notifiedAt - max(0, ?6 - ${WARNING_DAYS}) * ${DAY_MS} FROM alerts
        WHERE name = 'expiring' AND notifiedAt <= ?1 - ${DAY_MS}
      ))
    ) AND ROOM`,
  hours: NEXT_HOUR_OVER,
  digest: `
    ?11 IS NOT NULL AND coalesce((
      SELECT value ->> '$.week' < ?11 OR value ->> '$.text' IS NOT NULL
      FROM key_values WHERE name = '${DIGEST_KEY}'
    ), 1)`,
  pruning: `
    ?8 AND coalesce((SELECT value <> ?9 FROM key_values WHERE name = '${PRUNED_KEY}'), 1)`,
}

const ROOM = `coalesce((SELECT rowsWritten FROM usage WHERE day = ?9 * ${DAY_MS}), 0) <= ?10`

const FIND_DUE = `SELECT ${Object.entries(CONDITIONS)
  .map(([task, condition]) => `(${condition.replace('ROOM', ROOM)}) AS ${task}`)
  .join(', ')}, ?4 AND ${ROOM} AS mayMove, ${MOVE_STATE}`

type Row = Record<Task | 'mayMove', number | null> & MoveRow

/** The tasks that have something to do: one statement that reads a few rows. @throws what D1 throws */
export async function findDue(db: D1Database, input: DueInput): Promise<Task[]> {
  const result = await db
    .prepare(FIND_DUE)
    .bind(
      input.now,
      input.erasuresBefore,
      isRareTurn(input.now) ? 1 : 0,
      input.hasArchive ? 1 : 0,
      input.maxRuns,
      input.quarantineDays,
      input.syncedBefore,
      input.readsApi ? 1 : 0,
      String(dayOf(input.now)),
      input.maxRowsWritten,
      input.digestWeek,
      input.timeZone,
    )
    .all<Row>()
  const row = result.results[0]
  const isMoveDue = row?.mayMove && planMove(toMoveState(result), input).next !== 'wait'
  return TASKS.filter((task) => row?.[task] || (task === 'archive' && isMoveDue))
}

/** The number of a day, in UTC. @param time UTC milliseconds */
export function dayOf(time: number): number {
  return Math.floor(time / DAY_MS)
}

function hasKey(prefix: string): string {
  return `EXISTS (SELECT 1 FROM key_values WHERE name >= '${prefix}' AND name < '${kv.endOf(prefix)}')`
}
