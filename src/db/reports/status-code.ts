import { STATUSES } from '../../event/certain.ts'

/** One code for each documented status, and one for all others. */
const CODES = STATUSES.length + 1

const STATUS_CODE = `CASE activityStatus
  ${STATUSES.map((status, code) => `WHEN '${status}' THEN ${code}`).join(' ')} ELSE ${STATUSES.length} END`

/** Whether the column `activityStatus` is undocumented, in SQL. */
export const IS_OTHER_STATUS = `${STATUS_CODE} = ${STATUSES.length}`

/** One number for an index in time and the column `activityStatus`, in SQL. */
export function encodeStatus(index: string): string {
  return `${index} * ${CODES} + ${STATUS_CODE}`
}

/** The index and the status of such a number; the status is undefined if it is undocumented. */
export function decodeStatus(code: number): { index: number; activityStatus: string | undefined } {
  return { index: Math.floor(code / CODES), activityStatus: STATUSES[code % CODES] }
}
