import { HOUR_MS } from '../event/clock.ts'
import type { SyncSettings } from '../settings/settings.ts'
import { findShift, type DeliveredEvent } from '../db/sync/zone-shift.ts'
import type { Waiting } from './call-api.ts'
import { limited } from './database-timeout.ts'
import type { ApiElement } from './rows.ts'

/** What the times of an answer say of the zone that is set; `gap` and `Waiting` say in words why nothing is stored. */
export type Judgement = 'proven' | 'accepted' | { gap: string } | Waiting

const RETRY_S = 900

/** The zones that are set, as the note of them that proved right. */
export function zonesOf({ timeZone, timeZoneOfWebhook }: SyncSettings): string {
  return `${timeZone} ${timeZoneOfWebhook}`
}

/** What is known of the zone before: it proved right, an hour that should tell does not, or nothing. */
export type Known = 'proven' | 'untold' | 'unknown'

/**
 * Compares the times of the API's events with those of the same events that are stored, before any is stored: in a
 * wrong zone they would be stored beside them.
 *
 * @param events about to be stored, or stored already
 * @returns `proven` where the webhook confirmed some with the same time, `accepted` where nothing is against storing them
 */
export async function judgeZone(
  db: D1Database,
  api: SyncSettings,
  events: readonly ApiElement[],
  known: Known,
): Promise<Judgement> {
  const [first] = events
  if (!first) return 'accepted'
  const shift = await limited(findShift(db, events.flatMap(tell)))
  if (shift !== 0) {
    const why = explainShift(first.place.occurredAt, shift, api)
    if (known !== 'proven') return { wait: RETRY_S, why, isOwn: true }
    return { gap: `${why}. Once it is right, read that again: npm run backfill` }
  }
  if (events.some(({ match }) => match && match.origin !== 'api')) return 'proven'
  const isAccepted = known === 'proven' || (known === 'untold' && api.isTimeZoneSet)
  return isAccepted ? 'accepted' : NOT_KNOWN_YET
}

/** Nothing tells yet which zone it is. */
export const NOT_KNOWN_YET: Waiting = {
  wait: RETRY_S,
  why: 'it has to be seen first that YESPO_API_TIME_ZONE is right, by events which both the webhook and the API have: let the webhook bring something, or set it to the zone in which the API writes times',
  isOwn: true,
  isDefault: true,
}

function tell({ activity, place }: ApiElement): DeliveredEvent[] {
  const { contactId, iid, activityStatus = '' } = activity.parameters
  const isNotified =
    typeof contactId === 'number' && Number.isSafeInteger(contactId) && iid !== undefined
  return isNotified && iid !== ''
    ? [[place.occurredAt, String(contactId), iid, activityStatus]]
    : []
}

function explainShift(time: number, shift: number, { timeZone }: SyncSettings): string {
  const [day, hours] = [new Date(time).toISOString().slice(0, 10), Math.abs(shift) / HOUR_MS]
  return `The API's times of ${day} are ${hours} h ${shift > 0 ? 'behind' : 'ahead of'} those of the same events that are stored, and nothing of these is stored again: either YESPO_API_TIME_ZONE (${timeZone}) is not the zone in which the API writes them, or a zone was set wrong when the others were stored`
}
