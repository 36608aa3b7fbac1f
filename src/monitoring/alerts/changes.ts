import { DAY_MS } from '../../event/clock.ts'
import type { Alert } from '../../db/monitor/alerts.ts'
import type { Findings } from './findings.ts'

/** An alert that is over, which the owner is still to be told of. */
export type Ended = { name: string; message: string; since: number; wasNotified: boolean }

/** One thing to tell the owner. `since` in UTC milliseconds. */
export type News = { name: string; state: 'begun' | 'ended'; message: string; since: number }

/** Where the owner cannot be told, the pages say so. */
export const UNNOTIFIED = 'alert_url'

const MAX_ENDED = 100 // nobody reads more once the messages get through again
const REMIND_DAYS = 6

/** How alerts change by what was found. @param again those that are to be told once more */
export function compare(
  findings: Findings,
  known: readonly Alert[],
  again: ReadonlySet<string>,
  now: number,
) {
  const byName = new Map(known.map((alert) => [alert.name, alert]))
  const saved: Alert[] = []
  const ended: Ended[] = []
  for (const [name, message] of findings) {
    const alert = byName.get(name)
    if (message !== null && (alert?.message !== message || again.has(name))) {
      const notifiedAt = again.has(name) ? null : (alert?.notifiedAt ?? null)
      const changed = { name, beganAt: alert?.beganAt ?? now, notifiedAt, message }
      saved.push(changed)
      byName.set(name, changed)
    } else if (message === null && alert) {
      const { beganAt: since, notifiedAt } = alert
      ended.push({ name, message: alert.message, since, wasNotified: notifiedAt !== null })
      byName.delete(name)
    }
  }
  return { saved, ended, alerts: [...byName.values()] }
}

/** The ends that are still to be told. */
export function keepEnded(before: readonly Ended[], ended: readonly Ended[]): Ended[] {
  return [...before, ...ended].slice(-MAX_ENDED)
}

/** What the owner has not been told yet. What began and ended untold is told as both. */
export function listChanges(
  alerts: readonly Alert[],
  ended: readonly Ended[],
  quarantineDays: number,
  now: number,
): News[] {
  const begun = alerts.filter(
    ({ name, notifiedAt }) =>
      name !== UNNOTIFIED &&
      (notifiedAt === null ||
        (name === 'expiring' && now - notifiedAt >= remindAfter(quarantineDays))),
  )
  return [
    ...ended.flatMap(({ wasNotified, ...alert }): News[] => [
      ...(wasNotified ? [] : [{ ...alert, state: 'begun' as const }]),
      { ...alert, state: 'ended' },
    ]),
    ...begun.map(({ name, message, beganAt }): News => ({
      name,
      message,
      since: beganAt,
      state: 'begun',
    })),
  ]
}

/**
 * After how long the owner is told again of what will be deleted: so that all of it was told a day
 * before, and with a day in between on which what was told can be deleted.
 */
function remindAfter(quarantineDays: number): number {
  return Math.max(2, Math.min(REMIND_DAYS, quarantineDays - 1)) * DAY_MS
}
