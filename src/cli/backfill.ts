import { setTimeout } from 'node:timers/promises'
import * as z from 'zod'
import { readOptions } from './options.ts'
import { Progress } from './progress.ts'
import {
  askReceiver,
  findReceiver,
  RECEIVER_OPTIONS,
  RECEIVER_USAGE,
  tryReceiver,
  type Receiver,
} from './receiver.ts'
import { fail } from './wrangler.ts'

const USAGE = `Reads a period from Yespo's API, stores the events that the webhook missed, and counts them.
The receiver needs the secret YESPO_API_KEY; Yespo keeps 90 days.

  npm run backfill -- --since DATE [--until DATE] [--url URL]
  npm run backfill -- --cancel [--url URL]

  --since     start, such as 2026-01-31 or 2026-01-31T14:00, in YESPO_TIME_ZONE
  --until     end, not included; by default and at the latest, the end of the last hour that ended at
              least 15 minutes ago
  --cancel    cancels all syncs, scheduled ones too; stored events stay
${RECEIVER_USAGE}`

const OPTIONS = {
  since: { type: 'string' },
  until: { type: 'string' },
  cancel: { type: 'boolean' },
  ...RECEIVER_OPTIONS,
} as const

const EVERY_MS = 2_000
const MAX_MISSES = 30 // a minute: the sync goes on, whether the receiver responds or not
const INTERRUPTED = 130

const syncRun = z.object({
  number: z.number(),
  since: z.number(),
  until: z.number(),
  progress: z.number(),
  state: z.enum(['running', 'finished', 'cancelled', 'stopped']),
  error: z.string().nullable(),
  delay: z.string().nullable(),
})
type SyncRun = z.infer<typeof syncRun>

const coverage = z.object({
  total: z.object({ both: z.number(), webhookOnly: z.number(), apiOnly: z.number() }),
})

/** `npm run backfill`: starts a sync run, shows its progress, and prints the result. */
async function backfill(): Promise<void> {
  const values = readOptions(OPTIONS, USAGE)
  const { since, until } = values
  if (!values.cancel && !since) fail(`--since is missing.\n\n${USAGE}`)
  const receiver = findReceiver(values.url)
  if (values.cancel) return cancel(receiver)
  const query = new URLSearchParams({ since: since ?? '', ...(until && { until }) })
  const started = z.object({ backfill: z.number() })
  const response = await askReceiver(receiver, 'POST', `/backfill?${query.toString()}`)
  const ended = await watch(receiver, started.parse(response).backfill)
  await printResult(receiver, ended)
  if (ended.state !== 'finished') process.exitCode = 1
}

async function cancel(receiver: Receiver): Promise<void> {
  const response = await askReceiver(receiver, 'DELETE', '/backfill')
  const { cancelled } = z.object({ cancelled: z.number() }).parse(response)
  console.log(
    cancelled === 0
      ? 'No sync is running.'
      : `Cancelled: ${cancelled === 1 ? '1 sync' : `${cancelled} syncs`}. Stored events stay.`,
  )
}

/** Shows the progress of a sync run until it has ended. */
async function watch(receiver: Receiver, number: number): Promise<SyncRun> {
  const progress = new Progress(process.stdout)
  process.once('SIGINT', () => {
    progress.end()
    console.log(
      `The sync goes on: the page /coverage of the receiver shows its progress.\nTo cancel it: npm run backfill -- --cancel --url ${receiver.url}`,
    )
    process.exit(INTERRUPTED)
  })
  for (let misses = 0; ; await setTimeout(EVERY_MS)) {
    const outcome = await tryReceiver(receiver, 'GET', '/backfill')
    if ('why' in outcome) {
      if (outcome.isPassing && ++misses <= MAX_MISSES) continue
      progress.end()
      return fail(`${outcome.why} The sync goes on there.`)
    }
    misses = 0
    const { backfills } = z.object({ backfills: z.array(syncRun) }).parse(outcome.response)
    const found = backfills.find((each) => each.number === number)
    if (found) progress.show(found.progress, found.delay ?? '')
    if (found?.state === 'running') continue
    progress.end()
    return found ?? fail('It is no longer among the recent syncs: see the page /coverage.')
  }
}

async function printResult(receiver: Receiver, ended: SyncRun): Promise<void> {
  const { state, error, since, until, progress } = ended
  const isRead = progress > 0
  if (state === 'cancelled') {
    console.log(`Cancelled.${isRead ? ' Stored events stay.' : ''}`)
  }
  if (error !== null) console.error(state === 'stopped' ? `Stopped: ${error}` : error)
  if (!isRead) return
  const response = await askReceiver(receiver, 'GET', `/coverage?since=${since}&until=${until}`)
  const { both, webhookOnly, apiOnly } = coverage.parse(response).total
  const filled = apiOnly > 0 ? ': the webhook missed these, now they are stored' : ''
  console.log(`Events from ${write(since)} to ${write(until)}, by all syncs:
  ${count(both)} in both the webhook and the API
  ${count(webhookOnly)} in the webhook only
  ${count(apiOnly)} in the API only${filled}`)
}

function count(events: number): string {
  return `${events.toLocaleString('en')} ${events === 1 ? 'event' : 'events'}`.padStart(16)
}

function write(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

await backfill()
