import { HOUR_MS } from '../../event/clock.ts'
import { ANOMALIES_KEY } from '../../db/keys.ts'
import * as kv from '../../db/kv.ts'
import { findRolledUp, readPulse } from '../../db/rollups/read-pulse.ts'
import { findAnomalies, LEARNED_HOURS, type Anomaly } from './detect.ts'
import { toTimeline } from './series.ts'

/** The anomalies of the last weeks, as far as hours have been judged. */
export type AnomalyState = {
  /** The end of the last hour that was judged: UTC milliseconds. */
  until: number
  anomalies: Anomaly[]
}

/** Hours that are judged at once; those before are left out, as it is too late to notify of them. */
const MAX_JUDGED = 24

/** A day more than is learned from, as days are whole. */
const READ_HOURS = LEARNED_HOURS + 25

/**
 * Judges the hours that have been rolled up since it last did.
 *
 * @param zone in which people sleep at night
 * @param now UTC milliseconds
 * @returns whether there were any
 */
export async function watchAnomalies(db: D1Database, zone: string, now: number): Promise<boolean> {
  const rolledUp = await findRolledUp(db, now)
  const before = readAnomalyState((await kv.get(db, ANOMALIES_KEY)) ?? undefined)
  if (rolledUp === null || rolledUp <= before.until) return false
  const end = rolledUp / HOUR_MS
  const first = Math.max(before.until / HOUR_MS, end - MAX_JUDGED)
  const found = await judge(db, zone, { first, end }, before.anomalies)
  const anomalies = found.filter(({ lastHour }) => lastHour >= end - LEARNED_HOURS)
  await kv.set(db, ANOMALIES_KEY, JSON.stringify({ until: rolledUp, anomalies }))
  return true
}

/** The state as it was stored. */
export function readAnomalyState(text: string | undefined): AnomalyState {
  // One reasoned cast: `watchAnomalies` wrote it.
  return text === undefined ? { until: 0, anomalies: [] } : (JSON.parse(text) as AnomalyState)
}

/** Hours before a period that are judged, too: an anomaly may have begun there. */
const LEAD_HOURS = 3 * 24

/**
 * The anomalies of a period: all that it shows, also those that began before it.
 *
 * @param since,until UTC milliseconds, at an hour; what is not rolled up yet is left out
 */
export async function listAnomalies(
  db: D1Database,
  zone: string,
  { since, until }: { since: number; until: number },
): Promise<Anomaly[]> {
  const rolledUp = (await findRolledUp(db, Date.now())) ?? since
  const [first, end] = [since / HOUR_MS, Math.min(until, rolledUp) / HOUR_MS]
  const found = await judge(db, zone, { first: first - LEAD_HOURS, end }, [])
  return found.filter(({ lastHour }) => lastHour >= first)
}

async function judge(
  db: D1Database,
  zone: string,
  { first, end }: { first: number; end: number },
  before: readonly Anomaly[],
): Promise<Anomaly[]> {
  const period = { since: (first - READ_HOURS) * HOUR_MS, until: end * HOUR_MS }
  const pulses = await readPulse(db, period)
  const timeline = toTimeline(pulses, { start: period.since, end: period.until, zone })
  return findAnomalies(timeline, { first, end }, before)
}
