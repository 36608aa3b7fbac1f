import { HOUR_MS } from '../../event/clock.ts'

/**
 * A period in which times of Yespo were read in a zone. Times in UTC milliseconds; `until` is null while it lasts, and
 * `since` is the earliest time of which events were stored: the webhook may report some days late.
 */
export type ZoneSpan = {
  source: 'webhook' | 'api'
  zone: string
  since: number
  until: number | null
}

/** The zones that are set, IANA names; `api` is null if the API is not read. */
type ZonesInUse = { webhook: string; api: string | null }

/** The whole history as JSON, for a statement that reads other things, too: see `parseHistory`. */
export const SELECT_HISTORY = `SELECT json_group_array(json_object('source', source, 'zone', zone, 'since', since, 'until', until)) FROM zone_history`

/** Whether the webhook's zone, a parameter, is not the one in use as far as is recorded. */
export function isZoneNew(zone: string): string {
  return `NOT EXISTS (SELECT 1 FROM zone_history WHERE source = 'webhook' AND zone = ${zone} AND until IS NULL)`
}

export function parseHistory(json: string): ZoneSpan[] {
  return JSON.parse(json) as ZoneSpan[]
}

/**
 * Records the zones that are set, and that others no longer are. A zone may have come into use at any time since the
 * last scheduled sync began, which recorded the zones of then.
 */
export async function recordInUse(db: D1Database, zones: ZonesInUse, now: number): Promise<void> {
  await db.batch([
    db
      .prepare(
        `UPDATE zone_history SET until = ?1
         WHERE until IS NULL AND zone <> CASE source WHEN 'webhook' THEN ?2 ELSE coalesce(?3, zone) END`,
      )
      .bind(now, zones.webhook, zones.api),
    db
      .prepare(
        `INSERT INTO zone_history (source, zone, since)
         SELECT 'webhook', ?2, min(?1, coalesce((
           SELECT beganAt FROM sync_runs WHERE kind = 'schedule' ORDER BY number DESC LIMIT 1
         ), ?1))
         WHERE true ON CONFLICT DO NOTHING`,
      )
      .bind(now, zones.webhook),
  ])
}

/** An event that is reported no later is of the period in which it was received. */
const LATE_MS = 2 * HOUR_MS

/** When a message of the webhook was received, and the earliest time of its events: UTC milliseconds. */
type Received = { receivedAt: number; earliest: number }

/** Records that the webhook reported events late, in the zone of then; nothing if it did not. */
export function recordLate(db: D1Database, messages: readonly Received[]): D1PreparedStatement[] {
  const late = messages.filter(({ receivedAt, earliest }) => earliest < receivedAt - LATE_MS)
  if (late.length === 0) return []
  const received = late.map(({ receivedAt }) => receivedAt)
  return [
    db
      .prepare(
        `UPDATE zone_history SET since = ?1
         WHERE source = 'webhook' AND since > ?1 AND since <= ?3 AND coalesce(until > ?2, 1)`,
      )
      .bind(
        Math.min(...late.map(({ earliest }) => earliest)),
        Math.min(...received),
        Math.max(...received),
      ),
  ]
}

/** Records that events of the API since a time are about to be stored by a zone. */
export async function recordStored(db: D1Database, zone: string, since: number): Promise<void> {
  await db
    .prepare(
      `INSERT INTO zone_history (source, zone, since) VALUES ('api', ?, ?)
       ON CONFLICT (source, zone) WHERE until IS NULL DO UPDATE SET since = min(since, excluded.since)`,
    )
    .bind(zone, since)
    .run()
}
