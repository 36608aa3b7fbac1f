import * as z from 'zod'
import { defineRate, WHY_INCOMPLETE, type RateName } from '../db/reports/rates.ts'

/** What reports look like, by their names in the document. */
export function makeReportResponses() {
  const period = z.object({ since: makeMoment().nullable(), until: makeMoment().nullable() })
  const scanned = z.object({
    rows: z.int(),
    complete: z.boolean().meta({
      description: 'False where the question was too large: ask for less time.',
    }),
  })
  const rates = makeRates()
  const counts = makeCounts()
  const text = () => z.string().nullable().optional()
  const integer = () => z.int().nullable().optional()
  const described = {
    mediaType: text(),
    messageId: integer(),
    messageName: text(),
    messageTag: text(),
    broadcastId: integer(),
    workflowId: integer(),
    from: text(),
  }
  const line = z.object({
    ...described,
    firstHour: makeMoment('The hour of the first event'),
    lastHour: makeMoment('The hour of the last event'),
    ...counts,
    rates,
  })
  const { messageName: _name, messageTag: _tag, ...split } = described
  const bucket = z.object({
    time: z.string().meta({ description: "The hour or day by the zone's clocks." }),
    start: makeMoment('Its beginning'),
    ...split,
    ...counts,
  })
  return {
    Period: period,
    ScannedRows: scanned,
    Rates: rates,
    Report: z.object({
      period,
      report: z.array(line),
      scanned,
      next: z.string().nullable().meta({ description: 'The `cursor` of the next page, if any.' }),
    }),
    Totals: z.object({
      by: z.enum(['hour', 'day']),
      timeZone: z.string(),
      period,
      totals: z.array(bucket),
      scanned,
    }),
    Bounces: makeBounces(),
  }
}

function makeMoment(what = 'A moment') {
  return z.int().meta({ description: `${what}: UTC milliseconds.` })
}

function makeCounts() {
  const count = z.object({
    events: z.int().meta({ description: 'All events.' }),
    contacts: z.int().meta({
      description: 'Contacts, each once for a delivery: at the first event of its kind.',
    }),
  })
  return {
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
  }
}

function makeRates() {
  const rate = z.object({
    numerator: z.int(),
    denominator: z.int(),
    rate: z
      .number()
      .nullable()
      .meta({ description: 'From 0 to 1. Null without a denominator, and when `incomplete`.' }),
    incomplete: z.boolean().meta({ description: WHY_INCOMPLETE }),
  })
  const of = (name: RateName) => rate.meta({ description: defineRate(name) })
  return z.object({
    read: of('read'),
    clicked: of('clicked'),
    undelivered: of('undelivered'),
    hardBounced: of('hardBounced'),
    spam: of('spam'),
    unsubscribed: of('unsubscribed'),
  })
}

function makeBounces() {
  const counted = z.object({
    events: z.int(),
    hard: z.int().meta({ description: 'Permanent: the mailbox does not exist.' }),
    soft: z.int().meta({ description: 'Temporary: the mailbox is full.' }),
  })
  const reason = z.string().nullable().meta({
    description:
      'The SMTP enhanced status code; if there is none, or it says nothing (`5.0.0`), the text. What differs by server, ticket, address, name or time is an ellipsis.',
  })
  const example = z
    .string()
    .nullable()
    .meta({ description: 'The most frequent text of it, without what is personal.' })
  return counted.extend({
    reasons: z.array(counted.extend({ reason, example })),
    domains: z.array(counted.extend({ domain: z.string() })),
    leftOut: z
      .object({ reasons: z.int(), domains: z.int() })
      .meta({ description: 'How many lines there are beyond `limit`.' }),
    scanned: z.object({
      since: makeMoment('The oldest one').nullable(),
      complete: z.boolean().meta({
        description:
          'False if there are more bounces than are looked at (ask for less time), or more lines than `limit`.',
      }),
    }),
  })
}
