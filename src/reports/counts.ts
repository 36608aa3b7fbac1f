import { KINDS, type Count } from '../db/reports/totals.ts'

/** How a kind of event is called in an answer. */
const NAMES = new Map(
  Object.entries({
    SENT: 'sent',
    DELIVERED: 'delivered',
    READ: 'read',
    CLICKED: 'clicked',
    SPAM: 'spam',
    UNSUBSCRIBED: 'unsubscribed',
    SUBSCRIPTION_CHANGED: 'subscriptionChanged',
  } as const),
)

type Counted = { events: number; contacts: number }

/** Counts of every kind of event, as answers have them. */
export type Counts = Record<ReturnType<typeof NAMES.get> & string, Counted> & {
  undelivered: Counted & { hard: Counted; soft: Counted }
  /** Statuses that Yespo does not document. */
  others: Record<string, Counted>
}

/** Counts by their names; what did not occur is 0. */
export function toCounts(counts: readonly Count[]): Counts {
  const none = () => ({ events: 0, contacts: 0 })
  const named: Counts = {
    sent: none(),
    delivered: none(),
    read: none(),
    clicked: none(),
    undelivered: { ...none(), hard: none(), soft: none() },
    spam: none(),
    unsubscribed: none(),
    subscriptionChanged: none(),
    others: Object.create(null) as Counts['others'], // a status may be called __proto__
  }
  for (const { activityStatus, hardBounce, events, contacts } of counts) {
    if (hardBounce === KINDS.repeated) continue
    const name = NAMES.get(activityStatus)
    if (name) named[name] = { events, contacts }
    else if (activityStatus !== 'UNDELIVERED') named.others[activityStatus] = { events, contacts }
    else if (hardBounce === KINDS.all) Object.assign(named.undelivered, { events, contacts })
    else named.undelivered[hardBounce === KINDS.hard ? 'hard' : 'soft'] = { events, contacts }
  }
  return named
}
