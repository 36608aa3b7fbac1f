import { DAY_MS } from '../../event/clock.ts'
import { floorTo } from '../columns.ts'
import { ENGAGED_KEY, ROLLED_UP_KEY } from '../keys.ts'
import { hasNewHour } from '../rollups/hours.ts'

/** So many rows are folded before everything is rolled up, as they take room. */
const MANY_ROWS = 100

const TODAY = floorTo('?1', DAY_MS)

/** Whether everything before today has been rolled up; binds ?1, the time: UTC milliseconds. */
export const IS_ROLLED_UP = `
  coalesce(${timeOf(ROLLED_UP_KEY)} >= ${TODAY}, 0) AND NOT ${hasNewHour(TODAY)}`

/**
 * Whether days are over and rolled up but not folded into `engagement`, or are being folded; binds ?1, the time: UTC
 * milliseconds.
 */
export const IS_FOLD_DUE = `
  EXISTS (SELECT 1 FROM engagement_parts)
  OR EXISTS (
    SELECT 1 FROM rollups WHERE kind = 'contacts' AND hour < ${TODAY} LIMIT 1 OFFSET ${MANY_ROWS - 1}
  )
  OR coalesce(${timeOf(ENGAGED_KEY)} < ${TODAY}, 1) AND ${IS_ROLLED_UP}`

function timeOf(key: string): string {
  return `(SELECT CAST(value AS INTEGER) FROM key_values WHERE name = '${key}')`
}
