import { listActivities, type StoredActivity } from '../../store/list.ts'

/** Why a contact is not to be written to on a channel, by the newest event that says so. */
export type Stop = { reason: string; activity: StoredActivity }

const MOST = 50

/** Hard bounces, complaints and unsubscriptions of a contact: the newest of each, by channel. */
export async function listStops(db: D1Database, contactId: string): Promise<Stop[]> {
  const of = { contactId: [contactId] }
  const bounces = { ...of, activityStatus: ['UNDELIVERED'], hardBounce: ['true'] }
  const wishes = { ...of, activityStatus: ['SPAM', 'UNSUBSCRIBED'] }
  const pages = await Promise.all(
    [bounces, wishes].map((parameters) => listActivities(db, { parameters }, MOST, undefined)),
  )
  const stops = new Map<string, Stop>()
  for (const activity of pages.flatMap(({ activities }) => activities)) {
    const status = String(activity.activityStatus)
    const reason = REASONS[status] ?? status
    const key = JSON.stringify([reason, activity.mediaType])
    if (!stops.has(key)) stops.set(key, { reason, activity })
  }
  return [...stops.values()].sort((a, b) => b.activity.occurredAt - a.activity.occurredAt)
}

const REASONS: Readonly<Record<string, string>> = {
  UNDELIVERED: 'Hard bounce',
  SPAM: 'Marked as spam',
  UNSUBSCRIBED: 'Unsubscribed',
}
