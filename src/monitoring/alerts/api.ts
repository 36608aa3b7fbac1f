import { DAY_MS } from '../../event/clock.ts'
import { addUp, rate } from '../../sync/coverage.ts'
import { HttpError } from '../../platform/http-error.ts'
import { syncSettings, type SyncSettings } from '../../settings/settings.ts'
import { readCoverage } from '../../db/sync/coverage.ts'
import { startOfDay } from '../../db/monitor/usage.ts'
import type { Snapshot } from '../snapshot.ts'
import { finding, type Checked } from './findings.ts'

const MIN_SHARE = 0.99
/** Of fewer, one that is late would be more than the share allows. */
const MIN_EVENTS = 100
/** Of so few it is told where the webhook confirmed none of them: a small account has no more in a day. */
const MIN_OF_NONE = 5

/**
 * Whether Yespo's API can be read, and whether the webhook confirmed what it has of the last full day of UTC.
 * While a reading goes on, what the one before came to stands; each is judged once.
 */
export async function checkApi(env: Env, { now, facts, reading }: Snapshot): Promise<Checked> {
  const settings = readSyncSettings(env)
  if (settings === 'wrong') return { findings: new Map() } // which is an alert of its own
  const judged = facts.values.get('sync.checked')
  if (!settings) {
    const notes = new Map([['sync.checked' as const, null]])
    return { findings: finding('api', null), notes: judged === undefined ? new Map() : notes }
  }
  const isScheduled = reading !== null
  const last = reading?.ended
  const until = startOfDay(now)
  const judging = `${last?.number ?? 0}.${until}`
  if (isScheduled && judging === judged) return { findings: new Map() }
  const notes = new Map([['sync.checked' as const, judging]])
  if (last?.state === 'stopped') {
    const why = last.fault ?? 'It is not known why.'
    const message = `Reading Yespo's API was stopped: ${why} To begin at once, see /coverage in the pages of the receiver; else the next reading begins by itself. What the webhook brings is stored all the while.`
    return { findings: finding('api', message), notes }
  }
  // Of a day that was not read to its end yet nothing can be said.
  if (isScheduled && (!last || last.until < until)) return { findings: new Map() }
  const message = await describeMissed(env.DB, until)
  return { findings: finding('api', message), notes: isScheduled ? notes : new Map() }
}

function readSyncSettings(env: Env): SyncSettings | undefined | 'wrong' {
  try {
    return syncSettings(env)
  } catch (error) {
    if (error instanceof HttpError) return 'wrong'
    throw error
  }
}

/** @param until the end of the day */
async function describeMissed(db: D1Database, until: number): Promise<string | null> {
  const since = until - DAY_MS
  const { lines } = await readCoverage(db, { since, until }, DAY_MS)
  const { share, ...seen } = rate(addUp(lines))
  const inApi = seen.seenByBoth + seen.apiAlone
  const isNone = seen.seenByBoth === 0 && inApi >= MIN_OF_NONE
  const isLow = share !== null && share < MIN_SHARE && inApi >= MIN_EVENTS
  if (!isNone && !isLow) return null
  const day = new Date(since).toISOString().slice(0, 10)
  const missed = isNone ? 'confirmed none' : `missed ${seen.apiAlone}`
  return `The webhook ${missed} of the ${inApi} events that Yespo's API has of ${day} (UTC): they were filled from the API. See which at /coverage in the pages of the receiver, and in Yespo whether the webhook is active and exports all events (Account settings → Data export).`
}
