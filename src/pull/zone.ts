import { HOUR_MS } from '../activity/clock.ts'
import type { PullSettings } from '../settings.ts'
import { ROW_COLUMNS } from '../store/columns.ts'
import { compareTimes, type Told } from '../store/zone-shift.ts'
import type { Waiting } from './ask.ts'
import { limited } from './limited.ts'

/** What the times of an answer say of the zone that is set; `gap` and `Waiting` say in words why nothing is stored. */
export type Judgement = 'proven' | 'accepted' | { gap: string } | Waiting

const RETRY_S = 900

/** The zones that are set, as the note of them that proved right. */
export function zonesOf({ timeZone, timeZoneOfWebhook }: PullSettings): string {
  return `${timeZone} ${timeZoneOfWebhook}`
}

/** What is known of the zone before: it proved right, an hour that should tell does not, or nothing. */
export type Known = 'proven' | 'untold' | 'unknown'

/**
 * Compares the times of the API's events with those of the same events that are stored, before any is stored: in a
 * wrong zone they would be stored beside them.
 *
 * @param rows of messages, about to be stored
 * @returns `proven` where the webhook brought some with the same time, `accepted` where nothing is against storing them
 */
export async function judgeZone(
  db: D1Database,
  api: PullSettings,
  rows: readonly (readonly unknown[])[],
  known: Known,
): Promise<Judgement> {
  if (rows.length === 0) return 'accepted'
  const keys = rows.map(([time, id]) => [Number(time), String(id)] as const)
  const { exact, shift } = await limited(compareTimes(db, keys, rows.flatMap(tell)))
  if (shift !== 0) {
    const why = explainShift(Number(rows[0]?.[0]), shift, api)
    if (known !== 'proven') return { wait: RETRY_S, why, isOwn: true }
    return { gap: `${why}. Once it is right, read that again: npm run backfill` }
  }
  if (exact > 0) return 'proven'
  const isAccepted = known === 'proven' || (known === 'untold' && api.isTimeZoneSet)
  return isAccepted ? 'accepted' : NOT_KNOWN_YET
}

/** Nothing tells yet which zone it is. */
export const NOT_KNOWN_YET: Waiting = {
  wait: RETRY_S,
  why: 'it has to be seen first that YESPO_API_TIME_ZONE is right, by events which both the webhook and the API have: let the webhook bring something, or set it to the zone in which the API writes times',
  isOwn: true,
  isUsual: true,
}

const [CONTACT_ID, IID, STATUS] = ['contactId', 'iid', 'activityStatus'].map((name) =>
  ROW_COLUMNS.findIndex((column) => column === name),
)

function tell(row: readonly unknown[]): Told[] {
  const [contactId, iid, status] = [row[CONTACT_ID ?? -1], row[IID ?? -1], row[STATUS ?? -1]]
  const isTold = Number.isSafeInteger(contactId) && typeof iid === 'string' && iid !== ''
  return isTold ? [[Number(row[0]), String(contactId), iid, String(status)]] : []
}

function explainShift(time: number, shift: number, { timeZone }: PullSettings): string {
  const [day, hours] = [new Date(time).toISOString().slice(0, 10), Math.abs(shift) / HOUR_MS]
  return `The API's times of ${day} are ${hours} h ${shift > 0 ? 'behind' : 'ahead of'} those of the same events that are stored, and nothing of these is stored again: either YESPO_API_TIME_ZONE (${timeZone}) is not the zone in which the API writes them, or a zone was set wrong when the others were stored`
}
