import type { Alert } from '../../db/monitor/alerts.ts'

/** What a check found of one alert: its message, null if it is over. */
export type Finding = {
  name: string
  message: string | null
  endsSilently: boolean
  renotify: boolean
}

/** An alert that is over, whose end is still to be notified. */
export type Ended = { name: string; message: string; since: number; wasNotified: boolean }

/** One thing to notify. `since` in UTC milliseconds. */
export type Notification = {
  name: string
  state: 'started' | 'ended'
  message: string
  since: number
}

/** The alert that notifications cannot be sent: the pages show it. */
export const UNSENT = 'alert_url'

const MAX_ENDED = 100 // nobody reads more once notifications get through again

/** How alerts change by what was found. */
export function compare(findings: readonly Finding[], known: readonly Alert[], now: number) {
  const byName = new Map(known.map((alert) => [alert.name, alert]))
  const saved: Alert[] = []
  const removed: string[] = []
  const ended: Ended[] = []
  for (const { name, message, endsSilently, renotify } of findings) {
    const alert = byName.get(name)
    if (message !== null && (alert?.message !== message || renotify)) {
      const notifiedAt = renotify ? null : (alert?.notifiedAt ?? null)
      const changed = { name, beganAt: alert?.beganAt ?? now, notifiedAt, message }
      saved.push(changed)
      byName.set(name, changed)
    } else if (message === null && alert) {
      const { beganAt: since, notifiedAt } = alert
      const wasNotified = notifiedAt !== null
      if (!wasNotified || !endsSilently) {
        ended.push({ name, message: alert.message, since, wasNotified })
      }
      removed.push(name)
      byName.delete(name)
    }
  }
  return { saved, removed, ended, alerts: [...byName.values()] }
}

/** The ends that are still to be notified. */
export function keepEnded(before: readonly Ended[], ended: readonly Ended[]): Ended[] {
  return [...before, ...ended].slice(-MAX_ENDED)
}

/**
 * What was not notified yet. What started and ended since the last notification is notified as both.
 *
 * @param reminders names of alerts that are notified again
 */
export function listNotifications(
  alerts: readonly Alert[],
  ended: readonly Ended[],
  reminders: ReadonlySet<string>,
): Notification[] {
  const started = alerts.filter(
    ({ name, notifiedAt }) => name !== UNSENT && (notifiedAt === null || reminders.has(name)),
  )
  return [
    ...ended.flatMap(({ wasNotified, ...alert }): Notification[] => {
      const end = { ...alert, state: 'ended' as const }
      return wasNotified ? [end] : [{ ...alert, state: 'started' }, end]
    }),
    ...started.map(({ name, message, beganAt }): Notification => ({
      name,
      message,
      since: beganAt,
      state: 'started',
    })),
  ]
}
