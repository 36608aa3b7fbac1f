import * as z from 'zod'
import type { Count } from '../store/totals.ts'

const count = z.object({
  events: z.int().meta({ description: 'All events.' }),
  contacts: z.int().meta({
    description: 'Contacts, each once for a delivery: at the first event of its kind.',
  }),
})

const rate = z.object({
  numerator: z.int(),
  denominator: z.int().meta({ description: 'Contacts that the message was delivered to.' }),
  rate: z.number().nullable().meta({ description: 'Null where nothing was delivered.' }),
})

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

/** Counts of every kind of event, as answers have them. */
export const countsSchema = z.object({
  sent: count,
  delivered: count,
  read: count,
  clicked: count,
  undelivered: count.extend({ hard: count, soft: count }),
  spam: count,
  unsubscribed: count,
  subscriptionChanged: count,
  others: z
    .record(z.string(), count)
    .meta({ description: 'Statuses that Yespo does not document.' }),
})

/** Shares of the contacts that a message was delivered to. */
export const ratesSchema = z.object({
  read: rate,
  clicked: rate,
  undelivered: rate,
  hardBounced: rate,
  spam: rate,
  unsubscribed: rate,
})

type Counts = z.infer<typeof countsSchema>

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
    const name = NAMES.get(activityStatus)
    if (name) named[name] = { events, contacts }
    else if (activityStatus !== 'UNDELIVERED') named.others[activityStatus] = { events, contacts }
    else if (hardBounce === -1) Object.assign(named.undelivered, { events, contacts })
    else named.undelivered[hardBounce === 1 ? 'hard' : 'soft'] = { events, contacts }
  }
  return named
}

/** Rates over the contacts that were reached. */
export function toRates(counts: Counts): z.infer<typeof ratesSchema> {
  const denominator = counts.delivered.contacts
  const over = ({ contacts: numerator }: { contacts: number }) => ({
    numerator,
    denominator,
    rate: denominator === 0 ? null : Math.round((numerator / denominator) * 10_000) / 10_000,
  })
  return {
    read: over(counts.read),
    clicked: over(counts.clicked),
    undelivered: over(counts.undelivered),
    hardBounced: over(counts.undelivered.hard),
    spam: over(counts.spam),
    unsubscribed: over(counts.unsubscribed),
  }
}
