import { DAY_MS } from '../../event/clock.ts'
import { addUp, rate } from '../../sync/rate.ts'
import { HttpError } from '../../platform/http-error.ts'
import { syncSettings, type SyncSettings } from '../../settings/settings.ts'
import { readCoverage } from '../../db/sync/coverage.ts'
import { startOfDay } from '../../db/monitor/usage.ts'
import type { Phrase } from '../../language/messages.ts'
import type { AlertRule } from './rule.ts'

const MIN_SHARE = 0.99
/** With fewer events, a single late one would exceed the share. */
const MIN_EVENTS = 100
/** If the webhook delivered none, so few are enough: a small account has no more in a day. */
const MIN_OF_NONE = 5

/**
 * Yespo's API cannot be read, or the webhook missed events of the last full day of UTC. While a sync is running, the
 * verdict on the one before stands. Its memory is the last run and day that were judged, so that each is judged once.
 */
export const syncAlert: AlertRule<string> = {
  name: 'api',
  async check({ env, now, sync, memory: judged }) {
    const settings = readSyncSettings(env)
    if (settings === 'invalid') return undefined // there is another alert for that
    if (!settings) return { message: null, memory: null }
    const isScheduled = sync !== null
    const last = sync?.ended
    const until = startOfDay(now)
    const judging = `${last?.number ?? 0}.${until}`
    if (isScheduled && judging === judged) return undefined
    if (last?.state === 'stopped') {
      const reason = last.error ?? ({ key: 'alerts.reasonUnknown' } as const)
      const message: Phrase = { key: 'alerts.syncStopped', values: { reason } }
      return { message: [message], memory: judging }
    }
    // A day cannot be judged before it was read completely.
    if (isScheduled && (!last || last.until < until)) return undefined
    const message = await describeMissed(env.DB, until)
    return isScheduled ? { message, memory: judging } : message
  },
}

function readSyncSettings(env: Env): SyncSettings | undefined | 'invalid' {
  try {
    return syncSettings(env)
  } catch (error) {
    if (error instanceof HttpError) return 'invalid'
    throw error
  }
}

/** @param until the end of the day */
async function describeMissed(db: D1Database, until: number): Promise<Phrase[] | null> {
  const since = until - DAY_MS
  const { lines } = await readCoverage(db, { since, until }, DAY_MS)
  const { share, ...seen } = rate(addUp(lines))
  const inApi = seen.both + seen.apiOnly
  const isNone = seen.both === 0 && inApi >= MIN_OF_NONE
  const isLow = share !== null && share < MIN_SHARE && inApi >= MIN_EVENTS
  if (!isNone && !isLow) return null
  const day = new Date(since).toISOString().slice(0, 10)
  const key = isNone ? 'alerts.webhookSilent' : 'alerts.webhookMissed'
  return [{ key, values: { missed: seen.apiOnly, all: inApi, day } }]
}
