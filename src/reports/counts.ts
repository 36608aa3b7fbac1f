import * as z from 'zod'
import { KINDS, type Count } from '../db/reports/totals.ts'
import { lazily } from '../http/endpoint.ts'

/** The names of statuses in responses. */
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

const countsSchema = lazily(() =>
  z
    .strictObject({
      events: z.int().meta({ description: 'All events.' }),
      contacts: z.int().meta({
        description: 'Contacts, counted once per delivery: at their first event of this status.',
      }),
    })
    .meta({ id: 'Counts' }),
)

/** Of what machines do, too. */
const readCountsSchema = lazily(() =>
  countsSchema()
    .extend({
      withoutMachines: countsSchema().meta({
        description:
          'Without what machines did: mail scanners and image proxies. Minutes late, as it is told only once an hour is over.',
      }),
    })
    .meta({ id: 'ReadCounts' }),
)

const bounceCountsSchema = lazily(() =>
  countsSchema()
    .extend({ hard: countsSchema(), soft: countsSchema() })
    .meta({ id: 'BounceCounts' }),
)

/** The counts of every kind of event in a response. */
export function countFields() {
  const count = countsSchema()
  const withMachines = readCountsSchema()
  return {
    sent: count,
    delivered: count,
    read: withMachines,
    clicked: withMachines,
    undelivered: bounceCountsSchema(),
    spam: count,
    unsubscribed: count,
    subscriptionChanged: count,
    others: z
      .record(z.string(), count)
      .meta({ description: 'Statuses that Yespo does not document.' }),
  }
}

/** Counts of every kind of event, as in responses. */
export type Counts = {
  [Name in keyof ReturnType<typeof countFields>]: z.input<ReturnType<typeof countFields>[Name]>
}

/** Counts by name; 0 if there were none. */
export function toCounts(counts: readonly Count[]): Counts {
  const none = () => ({ events: 0, contacts: 0 })
  const named: Counts = {
    sent: none(),
    delivered: none(),
    read: { ...none(), withoutMachines: none() },
    clicked: { ...none(), withoutMachines: none() },
    undelivered: { ...none(), hard: none(), soft: none() },
    spam: none(),
    unsubscribed: none(),
    subscriptionChanged: none(),
    others: Object.create(null) as Counts['others'], // a status may be called __proto__
  }
  for (const { activityStatus, hardBounce, events, contacts } of counts) {
    if (hardBounce === KINDS.repeated || hardBounce === KINDS.machines) continue
    const name = NAMES.get(activityStatus)
    if (name) Object.assign(named[name], { events, contacts })
    else if (activityStatus !== 'UNDELIVERED') named.others[activityStatus] = { events, contacts }
    else if (hardBounce === KINDS.all) Object.assign(named.undelivered, { events, contacts })
    else named.undelivered[hardBounce === KINDS.hard ? 'hard' : 'soft'] = { events, contacts }
  }
  named.read.withoutMachines = withoutMachines('READ', named.read, counts)
  named.clicked.withoutMachines = withoutMachines('CLICKED', named.clicked, counts)
  return named
}

function withoutMachines(
  status: string,
  { events, contacts }: Counts['sent'],
  counts: readonly Count[],
): Counts['sent'] {
  const machines = counts.find(
    ({ activityStatus, hardBounce }) => activityStatus === status && hardBounce === KINDS.machines,
  )
  return {
    events: events - (machines?.events ?? 0),
    contacts: contacts - (machines?.contacts ?? 0),
  }
}
