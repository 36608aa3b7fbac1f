import { DAY_MS } from '../../event/clock.ts'
import { floorTo } from '../columns.ts'
import { ENGAGED_KEY, ROLLED_UP_KEY } from '../keys.ts'
import { hasNewHour } from '../rollups/hours.ts'

const timeOf = (key: string) =>
  `(SELECT CAST(value AS INTEGER) FROM key_values WHERE name = '${key}')`

const TODAY = floorTo('?1', DAY_MS)

/**
 * Whether a day is over and rolled up but not folded into `engagement`, or is being folded; binds ?1, the time: UTC
 * milliseconds.
 */
export const IS_FOLD_DUE = `
  EXISTS (SELECT 1 FROM engagement_parts)
  OR ${timeOf(ROLLED_UP_KEY)} >= ${TODAY} AND coalesce(${timeOf(ENGAGED_KEY)} < ${TODAY}, 1)
    AND NOT ${hasNewHour(`${TODAY} - ${DAY_MS}`, TODAY)}`
