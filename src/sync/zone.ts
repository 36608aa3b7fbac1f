import { HOUR_MS } from '../event/clock.ts'
import type { SyncSettings } from '../settings/settings.ts'
import { findShift, type DeliveredEvent } from '../db/sync/zone-shift.ts'
import type { RetryLater } from './call-api.ts'
import type { ApiElement } from './rows.ts'

/** What is known about the zone: it was proven, the hour that was read to prove it proved nothing, or nothing. */
export type ZoneState = 'proven' | 'inconclusive' | 'unknown'

const RETRY_S = 900

/** Both zones, as they are recorded once they are proven. */
export function zonesOf({ timeZone, timeZoneOfWebhook }: SyncSettings): string {
  return `${timeZone} ${timeZoneOfWebhook}`
}

/**
 * Compares the times of the API's events with those of the same stored events, before any are stored: in a wrong zone,
 * they would be stored twice.
 *
 * @param events about to be stored, or stored already
 * @returns `proven` if the webhook delivered some with the same time, `accepted` if there is no objection to storing
 * them
 */
export async function judgeZone(
  db: D1Database,
  api: SyncSettings,
  events: readonly ApiElement[],
  known: ZoneState,
): Promise<'proven' | 'accepted' | RetryLater> {
  const [first] = events
  if (!first) return 'accepted'
  const shift = await findShift(db, events.flatMap(deliveryOf))
  if (shift !== 0) {
    const reason = explainShift(first.key.occurredAt, shift, api)
    return { retryAfter: RETRY_S, reason, isOwn: true }
  }
  if (events.some(({ match }) => match && match.origin !== 'api')) return 'proven'
  const isAccepted = known === 'proven' || (known === 'inconclusive' && api.isTimeZoneSet)
  return isAccepted ? 'accepted' : UNVERIFIED
}

export const UNVERIFIED: RetryLater = {
  retryAfter: RETRY_S,
  reason:
    "the API's time zone isn't verified yet: send one event through the webhook, or set YESPO_API_TIME_ZONE",
  isOwn: true,
  isDefault: true,
}

function deliveryOf({ activity, key }: ApiElement): DeliveredEvent[] {
  const { contactId, iid, activityStatus = '' } = activity.parameters
  const isIdentified =
    typeof contactId === 'number' && Number.isSafeInteger(contactId) && iid !== undefined
  return isIdentified && iid !== ''
    ? [[key.occurredAt, String(contactId), iid, activityStatus]]
    : []
}

function explainShift(time: number, shift: number, { timeZone }: SyncSettings): string {
  const [day, hours] = [new Date(time).toISOString().slice(0, 10), Math.abs(shift) / HOUR_MS]
  return `The API's times of ${day} are ${hours} h ${shift > 0 ? 'behind' : 'ahead of'} those of the same stored events, so none of these are stored again: either YESPO_API_TIME_ZONE (${timeZone}) is not the zone of the API's times, or a zone was set wrong when the others were stored`
}
