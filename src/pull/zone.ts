import { HOUR_MS } from '../activity/clock.ts'
import type { PullSettings } from '../settings.ts'
import { ROW_COLUMNS } from '../store/columns.ts'
import { compareTimes, findDelivery, type Told } from '../store/zone-shift.ts'
import type { Waiting } from './ask.ts'
import { MAX_BACK_MS } from './begin.ts'

/** What the times of an answer say of the zone that is set; `gap` and `Waiting` say in words why nothing is stored. */
export type Judgement = 'proven' | 'accepted' | { gap: string } | Waiting

const RETRY_S = 600

/** The zones that are set, as the note of them that proved right. */
export function zonesOf({ timeZone, timeZoneOfWebhook }: PullSettings): string {
  return `${timeZone} ${timeZoneOfWebhook}`
}

/**
 * Compares the times of the API's events with those of the same events from the webhook, before any is stored:
 * in a wrong zone they would be stored beside them.
 *
 * @param rows of messages, about to be stored
 * @param isProven whether the zone proved right before, and nothing spoke against it since
 * @returns `proven` where most are the same, `accepted` where nothing is against storing them
 */
export async function judgeZone(
  db: D1Database,
  api: PullSettings,
  rows: readonly (readonly unknown[])[],
  isProven: boolean,
  now: number,
): Promise<Judgement> {
  const { exact, shifted, shift } = await compareTimes(db, rows.flatMap(tell))
  if (exact > 0 && exact >= shifted) return 'proven'
  if (shifted > 0) {
    const why = explainShift(Number(rows[0]?.[0]), shift, api)
    return isProven ? { gap: why } : { wait: RETRY_S, why, isOwn: true }
  }
  if (isProven || rows.length === 0) return 'accepted'
  // None of these came by the webhook. Others may have, and tell which zone it is.
  const isTold = (await findDelivery(db, { since: now - MAX_BACK_MS, until: now })) !== undefined
  if (!isTold && api.isTimeZoneSet) return 'accepted'
  return { wait: RETRY_S, why: isTold ? NOT_KNOWN_YET : NOT_SET, isOwn: true, isUsual: true }
}

const NOT_KNOWN_YET =
  'it has to be seen first that YESPO_API_TIME_ZONE is right, by events which both the webhook and the API have'
const NOT_SET =
  "nothing came by the webhook yet that the API's times could be compared with: let it bring something, or set YESPO_API_TIME_ZONE to the zone in which the API writes them"

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
  return `The API's times of ${day} are ${hours} h ${shift > 0 ? 'behind' : 'ahead of'} those of the same events from the webhook, and none of these is stored: either YESPO_API_TIME_ZONE (${timeZone}) is not the zone in which the API writes them, or YESPO_TIME_ZONE was another one when the webhook brought them`
}
