import { MINUTE_MS } from '../../event/clock.ts'
import { changeAlerts, type Alert } from '../../db/monitor/alerts.ts'
import { acquireLease, releaseLease } from '../../db/lease.ts'
import { checkApi } from './api.ts'
import { checkBacklog, checkDeadLetters, checkSilence } from './flow.ts'
import { checkQuotas } from './quotas.ts'
import { checkRates } from './rates.ts'
import { checkExpiring, checkQuarantine } from './quarantine.ts'
import { checkSettings } from './settings.ts'
import { checkArchive, checkDatabase, checkErasures } from './storage.ts'
import { takeSnapshot, readSnapshotValue } from '../snapshot.ts'
import { compare, keepEnded, listChanges, UNNOTIFIED, type Ended } from './changes.ts'
import { findOutageEnd } from './outage.ts'
import { fetchIt, tell, type Post } from './notify.ts'
import { checkUnexpected, endsByItself } from './unexpected.ts'

const LEASE = 'check.until'
const LEASE_MS = 2 * MINUTE_MS // a run that is not heard of for so long has ended

/**
 * Looks for what is not as it should be, and notifies the operator once when something begins and once when it
 * ends. What was found is written down before that, and that it was sent afterwards: so a failure in between
 * has it sent again, never not at all. Of runs that overlap one does it.
 *
 * @param now UTC milliseconds
 * @returns whether it was this run that did it
 * @throws what D1 throws
 */
export async function checkAndNotify(env: Env, now: number, post = fetchIt): Promise<boolean> {
  const started = Date.now()
  const until = started + LEASE_MS
  if (!(await acquireLease(env.DB, LEASE, started, until))) return false
  try {
    await check(env, now, post)
    return true
  } finally {
    // If that fails, too, what came before it is what matters, and the lease ends by itself.
    await releaseLease(env.DB, LEASE, until).catch(() => {})
  }
}

async function check(env: Env, now: number, post: Post): Promise<void> {
  const look = await takeSnapshot(env, now)
  const [silence, quarantined, rates, api, unexpected] = await Promise.all([
    checkSilence(env.DB, look),
    checkQuarantine(env.DB, look),
    checkRates(env.DB, look),
    checkApi(env, look),
    checkUnexpected(env.DB, look),
  ])
  const checks = [
    checkSettings(env),
    silence,
    checkBacklog(look),
    checkDeadLetters(look),
    quarantined,
    checkExpiring(look),
    rates,
    checkDatabase(look),
    checkQuotas(look),
    checkArchive(look),
    checkErasures(look),
    api,
    unexpected,
  ]
  const findings = new Map(checks.flatMap((check) => [...check.findings]))
  const again = new Set(checks.flatMap(({ again = [] }) => again))
  const { saved, ended, alerts } = compare(findings, look.facts.alerts, again, now)
  const outages = findOutageEnd(look)
  const ends = ended.filter(({ name, wasNotified }) => !wasNotified || !endsByItself(name))
  const over = [...ends, ...outages]
  const untold = keepEnded(readSnapshotValue<Ended[]>(look.facts, 'alerts.ended') ?? [], over)
  const notes = new Map<string, string | null>([
    ...checks.flatMap(({ notes = new Map() }) => [...notes]),
    ['check.last', JSON.stringify({ at: now })],
    ...(over.length > 0 ? [['alerts.ended', JSON.stringify(untold)] as const] : []),
    ...(outages.length > 0
      ? ([
          ['outage.notified', null],
          ['outage.ended', String(now)],
        ] as const)
      : []),
  ])
  const removed = ended.map(({ name }) => name)
  await changeAlerts(env.DB, { saved, removed, values: notes })
  const news = listChanges(alerts, untold, look.settings.quarantineDays, now)
  if (news.length > 0) {
    const outcome = await tell(look.settings, news, post)
    const names = new Set(news.flatMap(({ name, state }) => (state === 'begun' ? name : [])))
    const told = alerts.filter(({ name }) => names.has(name))
    const changes = {
      told: markNotified(told, now),
      failed: recordUnnotified(alerts, now),
      // It is told once the settings are right, and the alert of these says why it is not.
      withheld: { saved: [], removed: [], values: new Map<string, null>() },
    }
    await changeAlerts(env.DB, changes[outcome])
  }
}

function markNotified(told: readonly Alert[], now: number) {
  const saved = told.map((alert) => ({ ...alert, notifiedAt: now }))
  return { saved, removed: [UNNOTIFIED], values: new Map([['alerts.ended', null]]) }
}

function recordUnnotified(alerts: readonly Alert[], now: number) {
  const message =
    'Alerts could not be posted to ALERT_URL, and will be again at every check. See whether the address is right and what it answers: the log of the Worker says which status.'
  const isKnown = alerts.some(({ name }) => name === UNNOTIFIED)
  const saved = isKnown ? [] : [{ name: UNNOTIFIED, message, beganAt: now, notifiedAt: null }]
  return { saved, removed: [], values: new Map<string, null>() }
}
