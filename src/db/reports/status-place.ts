import { STATUSES } from '../../event/certain.ts'

/** How many places there are for statuses: one for each that is documented, and one for all others. */
export const STATUS_INDEXES = STATUSES.length + 1

/** The place of the column `activityStatus` among the documented statuses, in SQL; any other has the last place. */
export const STATUS_INDEX = `CASE activityStatus
  ${STATUSES.map((status, place) => `WHEN '${status}' THEN ${place}`).join(' ')} ELSE ${STATUSES.length} END`

/** Whether the column `activityStatus` is none that is documented, in SQL. */
export const IS_OTHER_STATUS = `${STATUS_INDEX} = ${STATUSES.length}`

/** The status in a place; undefined for the place of all others. */
export function statusIn(place: number): string | undefined {
  return STATUSES[place]
}
