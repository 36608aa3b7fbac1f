import { HOUR_MS, toUtc } from '../event/clock.ts'
import { toLocalText } from '../event/time-zone.ts'
import type { SyncSettings } from '../settings/settings.ts'
import type { ZoneSpan } from '../db/sync/zone-history.ts'

/** Zones differ by no more, unless one of them is in the Pacific. */
const MARGIN_MS = 14 * HOUR_MS

/** Whether the history has the zones that are set, and only them, as those in use. */
export function isRecorded(history: readonly ZoneSpan[], api: SyncSettings): boolean {
  const current = history.filter(({ until }) => until === null)
  return current.some(({ source }) => source === 'webhook') && listOthers(current, api).length === 0
}

/** The periods in which another zone was in use than is set. */
export function listOthers(history: readonly ZoneSpan[], api: SyncSettings): ZoneSpan[] {
  return history.filter(({ source, zone }) => zone !== zoneOf(source, api))
}

/** When the zones that are set came into use: UTC milliseconds; 0 if there were no others with other times. */
export function startOfUse(others: readonly ZoneSpan[], api: SyncSettings): number {
  const ends = others.flatMap((span) =>
    span.until !== null && isShifted(span, span.until, api) ? [span.until] : [],
  )
  return Math.max(0, ...ends)
}

/** Whether another zone was in use at a time, and made another one of it: UTC milliseconds. */
export function isOfOther(others: readonly ZoneSpan[], time: number, api: SyncSettings): boolean {
  return others.some((span) => isWithin(span, time) && isShifted(span, time, api))
}

/**
 * The period of another zone in which an event that only the API has may be stored already, at another time; undefined
 * if there is none.
 *
 * @param time that the present zones make of it: UTC milliseconds
 */
export function findOther(
  others: readonly ZoneSpan[],
  time: number,
  api: SyncSettings,
): ZoneSpan | undefined {
  return others.find((span) => isWithin(widen(span), time) && isShifted(span, time, api))
}

/** Why events are left out: for the operator. */
export function explainLeftOut(other: ZoneSpan, api: SyncSettings): string {
  const { source, zone } = other
  const { since, until } = widen(other)
  const setting = source === 'webhook' ? 'YESPO_TIME_ZONE' : "the zone of the API's times"
  const period = `from ${format(since)} to ${until === null ? 'now' : `${format(until)} UTC`}`
  return `Events ${period} that only the API has are not stored: ${setting} was ${zone} then (now ${zoneOf(source, api)}), so they may be stored already with other times. If it is right now, leave it: what the webhook delivered then is stored. If not, set it back and read that period again: npm run backfill`
}

/** Whether the zone of a period makes another time of a local time; its name may differ from an equal one's. */
function isShifted({ source, zone }: ZoneSpan, time: number, api: SyncSettings): boolean {
  const present = zoneOf(source, api)
  const local = toLocalText(time, present)
  return toUtc(local, zone) !== toUtc(local, present)
}

function isWithin({ since, until }: ZoneSpan, time: number): boolean {
  return time >= since && time < (until ?? Infinity)
}

function widen(span: ZoneSpan): ZoneSpan {
  const { since, until } = span
  return { ...span, since: since - MARGIN_MS, until: until === null ? null : until + MARGIN_MS }
}

function zoneOf(source: ZoneSpan['source'], api: SyncSettings): string {
  return source === 'webhook' ? api.timeZoneOfWebhook : api.timeZone
}

function format(time: number): string {
  return new Date(time).toISOString().slice(0, 16).replace('T', ' ')
}
