import * as z from 'zod'
import { makeSettingsSchema } from '../settings/settings.ts'

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

/** What `GET /status` answers, by its name in the document. */
export function makeStatusResponses() {
  const problem = z.object({
    name: z.string().meta({ description: 'For programs, such as `silence` or `database`.' }),
    message: z.string().meta({ description: 'What is wrong, and what to do.' }),
    since: z.int().meta({ description: 'When it began: UTC milliseconds.' }),
  })
  return {
    ReceiverStatus: z.object({
      status: z.enum(['ok', 'attention']),
      problems: z.array(problem),
      now: z.int().meta({ description: 'When this was asked: UTC milliseconds.' }),
      checkedAt: moment('When problems were looked for last'),
      version: z.string(),
      ...makeFlow(),
      api: makeReading(),
      database: makeDatabase(),
      usageToday: makeUsage(),
      retention: makeRetention(),
      erasures: z.object({ underWay: z.int(), finished: z.int() }),
      settings: makeSettingsSchema(),
    }),
  }
}

function makeFlow() {
  return {
    events: z.object({
      lastReceivedAt: moment('When the last of all that the webhook confirmed came in'),
      lastStoredAt: moment('When something new was stored last, of the webhook or of the API'),
      newestAt: moment('When the newest event happened, those dated more than a day ahead aside'),
      lagMs: span(
        'From received to stored, of what the webhook confirmed last; null too where that was replayed, or what is stored since is of the API',
      ),
      silenceMs: span('For how long the webhook has confirmed nothing new'),
      normalSilenceMs: span('What is usual; null until it mattered'),
    }),
    queue: z
      .object({
        waiting: z.int().nullable(),
        oldestWaitingAt: moment('Since when the oldest waits'),
        deadLetters: z.int().nullable(),
      })
      .meta({ description: 'Null where the queue does not tell.' }),
    quarantined: z.object({
      elements: count('What is set aside, counted up to `countedUpTo`.'),
      countedUpTo: z.int(),
      oldestAt: moment('When the oldest came in'),
      firstExpiresAt: moment('When the first is deleted, at the soonest'),
      expiringSoon: count('How many are deleted within 7 days.'),
    }),
  }
}

function makeReading() {
  const ended = z.object({
    number: z.int(),
    state: z.enum(['finished', 'stopped']),
    until: z.int().meta({ description: 'What it was to read ends before: UTC milliseconds.' }),
    finishedAt: moment('When it ended'),
    fault: z.string().nullable().meta({
      description: 'Why it was stopped, or what of it could not be read; null where all is well.',
    }),
  })
  const running = z.object({
    beganAt: z.int().meta({ description: 'UTC milliseconds.' }),
    movedAt: z.int().meta({
      description:
        'When something of it was read or sent last; when it began where nothing was read: UTC milliseconds.',
    }),
    delay: z
      .string()
      .nullable()
      .meta({ description: 'What it waits for; null where it goes on, or nobody knows.' }),
    isWaiting: z.boolean().meta({ description: 'Whether it has not moved for over an hour.' }),
  })
  return z.object({ ended: ended.nullable(), running: running.nullable() }).nullable().meta({
    description:
      "How reading Yespo's API by itself goes: the last reading that ended, and the one that goes on. Null where it is not read by itself.",
  })
}

function makeDatabase() {
  return z.object({
    bytes: z.int(),
    limitBytes: count('What the plan allows.'),
    share: z.number().meta({ description: 'From 0, empty, to 1, full.' }),
    bytesPerDay: z
      .int()
      .nullable()
      .meta({ description: 'Of the last days; null where fewer than two are known.' }),
    daysUntilFull: z.int().nullable().meta({ description: 'Null where it does not grow.' }),
  })
}

function makeUsage() {
  const quota = z.object({
    name: z.enum(['rowsWritten', 'rowsRead', 'queueOperations']),
    used: count('As far as this receiver counted it.'),
    freePlan: count('What the free plan has for a day.'),
  })
  return z.array(quota).meta({ description: 'Since 00:00 UTC, when quotas begin anew.' })
}

function makeRetention() {
  return z.object({
    keepDays: count('Days after which events move to the archive; 0 keeps all.'),
    hasArchive: z.boolean().meta({ description: 'Without one, old events are kept.' }),
    oldestActivityAt: moment('When the oldest event that is still here happened'),
    archivedDays: z.int(),
    archivedEvents: z.int(),
    archivedBytes: z.int(),
    waitingLate: count('Late events of days that are archived, which are to follow them.'),
    unfinishedFiles: count('Files of the archive that are under way.'),
    fault: z.string().nullable().meta({
      description: 'Why old events, or those of some days, do not move; null where they do.',
    }),
  })
}
