import { REPUTATION, type Fault } from './bounces.ts'
import type { Contact } from './contacts.ts'

type Span = {
  /** UTC milliseconds; `until` is not included. */
  since: number
  until: number
}

/** Something that goes wrong for a while, on purpose. */
export type Incident = Span &
  (
    | {
        kind: 'rejected'
        provider: string
        /** Of the provider's mails, from 0 to 1. */
        share: number
        /** Blocked by reputation by default. */
        fault?: Fault
      }
    /** Its mails go to the spam folder. */
    | { kind: 'unread'; provider: string; share: number }
    /** Of all delivered mails, those about which somebody complains. */
    | { kind: 'complaints'; share: number }
    /** The webhook no longer reports a status. */
    | { kind: 'status missing'; status: string }
    /** The webhook reports nothing, and never will. */
    | { kind: 'silence' }
  )

/** What incidents do to a mail. */
export type Effects = { rejectedBy: Fault | undefined; unread: number; complaints: number }

/** The effects on a mail that is sent at a time. */
export function findEffects(
  incidents: readonly Incident[],
  sentAt: number,
  { provider }: Contact,
  draw: () => number,
): Effects {
  const effects: Effects = { rejectedBy: undefined, unread: 0, complaints: 0 }
  for (const incident of incidents) {
    if (sentAt < incident.since || sentAt >= incident.until) continue
    if (incident.kind === 'complaints') effects.complaints = incident.share
    if (!('provider' in incident) || incident.provider !== provider) continue
    if (incident.kind === 'unread') effects.unread = incident.share
    else if (draw() < incident.share) effects.rejectedBy = incident.fault ?? REPUTATION
  }
  return effects
}

/** Whether the webhook does not report an event of a status at a time. */
export function isLost(
  incidents: readonly Incident[],
  status: string,
  reportedAt: number,
): boolean {
  return incidents.some((incident) => {
    if (reportedAt < incident.since || reportedAt >= incident.until) return false
    return (
      incident.kind === 'silence' ||
      (incident.kind === 'status missing' && incident.status === status)
    )
  })
}
