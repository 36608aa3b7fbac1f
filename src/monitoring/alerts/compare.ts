import type { Phrase } from '../../language/messages.ts'
import type { Alert } from '../../db/monitor/alerts.ts'

/** The finding of a check about one alert: its message; null if the alert is over. */
export type Finding = {
  name: string
  message: readonly Phrase[] | null
  endsSilently: boolean
  renotify: boolean
}

/** An alert that is over, but whose end has not been notified yet. */
export type Ended = {
  name: string
  message: readonly Phrase[]
  since: number
  wasNotified: boolean
}

/** A line of a notification. `since` in UTC milliseconds. */
export type Notification = {
  name: string
  state: 'started' | 'ended'
  message: readonly Phrase[]
  since: number
}

/** Name of the alert that notifications cannot be sent; only pages show it. */
export const UNSENT = 'alert_url'

const MAX_ENDED = 100 // more than anyone reads once notifications get through again

/** The changes to alerts that follow from the findings. */
export function compare(findings: readonly Finding[], known: readonly Alert[], now: number) {
  const byName = new Map(known.map((alert) => [alert.name, alert]))
  const saved: Alert[] = []
  const removed: string[] = []
  const ended: Ended[] = []
  for (const { name, message, endsSilently, renotify } of findings) {
    const alert = byName.get(name)
    if (message !== null && (!isSame(alert?.message, message) || renotify)) {
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

/** Whether two messages have the same sentences. */
function isSame(one: readonly Phrase[] | undefined, other: readonly Phrase[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** The ends that have not been notified yet. */
export function keepEnded(before: readonly Ended[], ended: readonly Ended[]): Ended[] {
  return [...before, ...ended].slice(-MAX_ENDED)
}

/**
 * The notifications to send. An alert that started and ended since the last ones is included twice.
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
