import { HOUR_MS } from '../activity/clock.ts'
import type { PullSettings } from '../settings.ts'
import { ROW_COLUMNS } from '../store/columns.ts'
import { findShift, hasDeliveries, type Told } from '../store/zone-shift.ts'
import { MAX_BACK_MS } from './begin.ts'
import type { Waiting } from './ask.ts'

const MAX_TOLD = 200
const RETRY_S = 120

/** The zones that are set, as the note of them that proved right. */
export function zonesOf({ timeZone, timeZoneOfWebhook }: PullSettings): string {
  return `${timeZone} ${timeZoneOfWebhook}`
}

/**
 * Compares the times of the API's events with those of the same events from the webhook, before any is stored:
 * in a wrong zone they would be stored beside them.
 *
 * @param rows of messages, about to be stored
 * @param known the zones that proved right last
 * @returns `proven` where some are the same, `accepted` where nothing is against storing them
 */
export async function judgeZone(
  db: D1Database,
  api: PullSettings,
  rows: readonly (readonly unknown[])[],
  known: string | null,
  now: number,
): Promise<'proven' | 'accepted' | Waiting | { stop: string }> {
  const shift = await findShift(db, rows.flatMap(tell).slice(0, MAX_TOLD))
  if (shift !== undefined) return shift === 0 ? 'proven' : { stop: explainShift(shift, api) }
  if (rows.length === 0 || known === zonesOf(api)) return 'accepted'
  // None of these came by the webhook. Others may have, and tell which zone it is.
  if (await hasDeliveries(db, now - MAX_BACK_MS)) {
    return { wait: RETRY_S, why: NOT_KNOWN_YET, isOwn: true }
  }
  return api.isTimeZoneSet ? 'accepted' : { stop: NOT_SET }
}

const NOT_KNOWN_YET =
  'it has to be seen first that YESPO_API_TIME_ZONE is right, by events which both the webhook and the API have: read some hours in which the webhook was active'
const NOT_SET =
  "Nothing came by the webhook yet that the API's times could be compared with. Set YESPO_API_TIME_ZONE to the zone in which it writes them, or let the webhook bring something first, then begin again."

const [CONTACT_ID, IID, STATUS] = ['contactId', 'iid', 'activityStatus'].map((name) =>
  ROW_COLUMNS.findIndex((column) => column === name),
)

function tell(row: readonly unknown[]): Told[] {
  const [contactId, iid, status] = [row[CONTACT_ID ?? -1], row[IID ?? -1], row[STATUS ?? -1]]
  const isTold = Number.isSafeInteger(contactId) && typeof iid === 'string' && iid !== ''
  return isTold ? [[Number(row[0]), String(contactId), iid, String(status)]] : []
}

function explainShift(shift: number, { timeZone }: PullSettings): string {
  const hours = Math.abs(shift) / HOUR_MS
  return `The API's times are ${hours} h ${shift > 0 ? 'behind' : 'ahead of'} those of the same events from the webhook: YESPO_API_TIME_ZONE (${timeZone}) is not the zone that the API writes times in. Nothing was stored.`
}
