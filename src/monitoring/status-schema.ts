import * as z from 'zod'
import { describeSettings } from '../settings/settings.ts'
import { lazily } from '../http/endpoint.ts'

const moment = (description: string) =>
  z
    .int()
    .nullable()
    .meta({ description: `${description}: UTC milliseconds.` })

const span = (description: string) =>
  z
    .int()
    .nullable()
    .meta({ description: `${description}, in milliseconds.` })

const count = (description: string) => z.int().meta({ description })

/** The response of `GET /status`. */
export const statusSchema = lazily(() => {
  const problem = z.strictObject({
    name: z.string().meta({ description: 'For programs, such as `silence` or `database`.' }),
    message: z.string().meta({ description: 'What is wrong, and what to do.' }),
    since: z.int().meta({ description: 'When it began: UTC milliseconds.' }),
  })
  return z
    .strictObject({
      status: z.enum(['ok', 'attention']),
      problems: z.array(problem),
      now: z.int().meta({ description: 'The time of this response: UTC milliseconds.' }),
      checkedAt: moment('The last check for problems'),
      version: z.string(),
      ...flowFields(),
      api: syncSchema(),
      database: databaseSchema(),
      usageToday: usageSchema(),
      retention: retentionSchema(),
      erasures: z.strictObject({ underWay: z.int(), finished: z.int() }),
      rollups: rollupsSchema(),
      settings: settingsSchema(),
    })
    .meta({ id: 'ReceiverStatus' })
})

function flowFields() {
  return {
    events: z.strictObject({
      lastReceivedAt: moment('When the webhook last confirmed an event'),
      lastStoredAt: moment('When a new event was last stored, from the webhook or the API'),
      newestAt: moment('The time of the newest event, except those dated more than a day ahead'),
      lagMs: span(
        'Processing delay of the last event that the webhook confirmed; null also if it was replayed, or later events are from the API',
      ),
      silenceMs: span('Time since the webhook last confirmed a new event'),
      normalSilenceMs: span('Longest normal gap; null until it is needed'),
    }),
    queue: z
      .object({
        waiting: z.int().nullable(),
        oldestWaitingAt: moment('When the oldest was queued'),
        deadLetters: z.int().nullable(),
      })
      .meta({ description: 'Null if the queue does not report it.' }),
    quarantined: z.strictObject({
      items: count('Quarantined items, counted up to `countedUpTo`.'),
      countedUpTo: z.int(),
      oldestAt: moment('When the oldest was received'),
      firstExpiresAt: moment('The earliest time at which one is deleted'),
      expiringSoon: count('Items that are deleted within 7 days.'),
    }),
  }
}

function syncSchema() {
  const ended = z.strictObject({
    number: z.int(),
    state: z.enum(['finished', 'stopped']),
    until: z.int().meta({ description: 'The end of its period, not included: UTC milliseconds.' }),
    finishedAt: moment('When it ended'),
    error: z.string().nullable().meta({
      description: 'Why it was stopped, or what could not be read; null if all is well.',
    }),
  })
  const running = z.strictObject({
    beganAt: z.int().meta({ description: 'UTC milliseconds.' }),
    movedAt: z.int().meta({
      description: 'Its last progress; until then, its start: UTC milliseconds.',
    }),
    delay: z.string().nullable().meta({
      description: 'What it waits for; null if it does not wait, or the reason is unknown.',
    }),
    stalled: z.boolean().meta({ description: 'Whether it has made no progress for over an hour.' }),
  })
  return z.strictObject({ ended: ended.nullable(), running: running.nullable() }).nullable().meta({
    description:
      "The scheduled sync with Yespo's API: the last one that ended, and the running one. Null if none is scheduled.",
  })
}

function databaseSchema() {
  return z.strictObject({
    bytes: z.int(),
    limitBytes: count('The limit of the plan.'),
    share: z.number().meta({ description: 'From 0, empty, to 1, full.' }),
    bytesPerDay: z
      .int()
      .nullable()
      .meta({ description: 'Growth over the last days; null if fewer than two are known.' }),
    daysUntilFull: z.int().nullable().meta({ description: 'Null if it does not grow.' }),
  })
}

function usageSchema() {
  const quota = z.strictObject({
    name: z.enum(['rowsWritten', 'rowsRead', 'queueOperations']),
    used: count('As counted by this receiver.'),
    freePlan: count('The daily quota of the free plan.'),
  })
  return z.array(quota).meta({ description: 'Since 00:00 UTC, when quotas reset.' })
}

function retentionSchema() {
  return z.strictObject({
    keepDays: count('Days after which events move to the archive; 0 keeps all.'),
    movesAfterDays: z.int().nullable().meta({
      description:
        'Days after which they move now: fewer than keepDays while the database is nearly full. Null if all are kept.',
    }),
    hasArchive: z.boolean().meta({ description: 'Without an archive, old events are kept.' }),
    oldestEventAt: moment('The time of the oldest event in the database'),
    archivedDays: z.int(),
    archivedEvents: z.int(),
    archivedBytes: z.int(),
    waitingLate: count('Late events of archived days, not archived yet.'),
    unfinishedFiles: count('Archive files in progress.'),
    error: z.string().nullable().meta({
      description: 'Why old events, or those of some days, are not archived; null if they are.',
    }),
  })
}

function rollupsSchema() {
  return z
    .strictObject({
      until: moment('The end of the last hour that was rolled up; null before the first'),
      open: count('Hours that wait to be rolled up, or to be rolled up again.'),
      failed: count('Of those, the ones that were given up until something in them changes.'),
      oldestOpenAt: moment('The beginning of the oldest of them'),
      engagementUntil: moment('The end of the last day of `/reports/engagement`'),
    })
    .meta({
      description:
        'How far the reports are that are computed once an hour or a day is over: links, UTM parameters, providers, delays, machines, anomalies and engagement.',
    })
}

/** A value is of the type that its default has. */
function settingsSchema() {
  const { secrets, ...defaults } = describeSettings({})
  const fields = Object.entries(defaults).map(([name, value]) => {
    const type =
      typeof value === 'number' ? z.number() : Array.isArray(value) ? z.array(z.string()) : z.string()
    return [name, type.nullable()]
  })
  return z
    .strictObject({
      ...Object.fromEntries(fields),
      secrets: z.record(z.string(), z.boolean()).meta({ description: 'Whether each is set.' }),
    })
    .meta({ description: 'Those in effect; null for an invalid one.' })
}
