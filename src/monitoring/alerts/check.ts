import { MINUTE_MS } from '../../event/clock.ts'
import { changeAlerts, memoryKey, type Alert, type AlertChange } from '../../db/monitor/alerts.ts'
import type { Phrase } from '../../language/messages.ts'
import { acquireLease, releaseLease } from '../../db/lease.ts'
import { readSnapshotValue, takeSnapshot, type Snapshot } from '../snapshot.ts'
import { anomalyAlert } from './anomalies.ts'
import { compare, keepEnded, listNotifications, UNSENT, type Ended } from './compare.ts'
import { flowAlerts } from './flow.ts'
import { fetchIt, notify, type Post } from './notify.ts'
import { findOutageEnd } from './outage.ts'
import { quarantineAlerts } from './quarantine.ts'
import { quotaAlerts } from './quotas.ts'
import { rateAlert } from './rates.ts'
import { rollupAlert } from './rollups.ts'
import type { AlertRule, Verdict } from './rule.ts'
import { settingsAlert } from './settings.ts'
import { storageAlerts } from './storage.ts'
import { syncAlert } from './sync.ts'
import { unexpectedAlert } from './unexpected.ts'

/**
 * Every alert that is found by a check of the snapshot. Three others cannot be: `alert_url` is known only after the
 * notifications of these were posted, `database_down` means that there is no snapshot, and `schedule`, only in
 * `GET /status`, that no check has run.
 */
export const RULES: readonly AlertRule[] = [
  settingsAlert,
  ...flowAlerts,
  ...quarantineAlerts,
  rateAlert,
  anomalyAlert,
  ...storageAlerts,
  rollupAlert,
  ...quotaAlerts,
  syncAlert,
  unexpectedAlert,
]

const LEASE = 'check.until'
const LEASE_MS = 2 * MINUTE_MS // a run that is still not over by then was killed

/**
 * Checks every alert, and notifies the operator once when it starts and once when it ends. The findings are saved
 * before the notification, and its success afterwards: if a run fails in between, it is sent twice rather than never.
 * If runs overlap, only one checks.
 *
 * @param now UTC milliseconds
 * @returns whether this run checked
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
    // If that fails, too, the first error matters; the lease expires by itself.
    await releaseLease(env.DB, LEASE, until).catch(() => {})
  }
}

async function check(env: Env, now: number, post: Post): Promise<void> {
  const snapshot = await takeSnapshot(env, now)
  const { findings, memories, reminders } = await checkRules(env, snapshot)
  const { saved, removed, ended, alerts } = compare(findings, snapshot.alerts, now)
  const values = new Map(memories).set('check.last', JSON.stringify({ at: now }))
  const outages = findOutageEnd(snapshot)
  if (outages.length > 0) values.set('outage.notified', null).set('outage.ended', String(now))
  const over = [...ended, ...outages]
  const unsent = keepEnded(readSnapshotValue<Ended[]>(snapshot, 'alerts.ended') ?? [], over)
  if (over.length > 0) values.set('alerts.ended', JSON.stringify(unsent))
  await changeAlerts(env.DB, { saved, removed, values })
  const notifications = listNotifications(alerts, unsent, reminders)
  if (notifications.length === 0) return
  const outcome = await notify(snapshot.settings, notifications, post)
  // A withheld notification is sent once the settings are valid; until then, their own alert says why.
  if (outcome === 'withheld') return
  const names = new Set(
    notifications.flatMap(({ name, state }) => (state === 'started' ? name : [])),
  )
  const sent = alerts.filter(({ name }) => names.has(name))
  await changeAlerts(env.DB, outcome === 'sent' ? markNotified(sent, now) : markUnsent(alerts, now))
}

async function checkRules(env: Env, snapshot: Snapshot) {
  const verdicts = await Promise.all(
    RULES.map(async (rule) => {
      const { name } = rule
      const alert = snapshot.alerts.find((each) => each.name === name)
      const memory = readSnapshotValue(snapshot, memoryKey(name))
      return { rule, verdict: await rule.check({ ...snapshot, env, alert, memory }) }
    }),
  )
  const memories = new Map<string, string | null>()
  const reminders = new Set<string>()
  const findings = verdicts.flatMap(({ rule, verdict }) => {
    const { name, endsSilently = false } = rule
    const { message, memory, renotify = false, remind = false } = toObject(verdict)
    const key = memoryKey(name)
    const text = memory === null ? undefined : JSON.stringify(memory)
    if (memory !== undefined && text !== snapshot.values.get(key)) memories.set(key, text ?? null)
    if (remind) reminders.add(name)
    const messages = message instanceof Map ? [...message] : [[name, message] as const]
    return messages.flatMap(([name, message]) =>
      message === undefined ? [] : [{ name, message, endsSilently, renotify }],
    )
  })
  return { findings, memories, reminders }
}

function toObject(verdict: Verdict): Exclude<Verdict, readonly Phrase[] | null | undefined> {
  return isMessage(verdict) ? { message: verdict } : verdict
}

function isMessage(verdict: Verdict): verdict is readonly Phrase[] | null | undefined {
  return Array.isArray(verdict) || verdict === null || verdict === undefined
}

function markNotified(sent: readonly Alert[], now: number): AlertChange {
  const saved = sent.map((alert) => ({ ...alert, notifiedAt: now }))
  return { saved, removed: [UNSENT], values: new Map([['alerts.ended', null]]) }
}

function markUnsent(alerts: readonly Alert[], now: number): AlertChange {
  const message: Phrase[] = [{ key: 'alerts.unsent' }]
  const isKnown = alerts.some(({ name }) => name === UNSENT)
  const saved = isKnown ? [] : [{ name: UNSENT, message, beganAt: now, notifiedAt: null }]
  return { saved, removed: [], values: new Map() }
}
