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

const USAGE = `Reads a period from Yespo's API, stores what the webhook missed, and says how much that was.
The receiver needs the secret YESPO_API_KEY; Yespo keeps 90 days.

  npm run backfill -- --since DATE [--until DATE] [--url URL]
  npm run backfill -- --cancel [--url URL]

  --since     start, such as 2026-01-31 or 2026-01-31T14:00, in YESPO_TIME_ZONE
  --until     end, not included; by default and at the latest, the end of the last hour that has been
              over for 15 minutes
  --cancel    cancels all reading, scheduled reading too; what was read stays
${RECEIVER_USAGE}`

const OPTIONS = {
  since: { type: 'string' },
  until: { type: 'string' },
  cancel: { type: 'boolean' },
  ...RECEIVER_OPTIONS,
} as const

const EVERY_MS = 2_000
const MAX_MISSES = 30 // a minute: it goes on at the receiver, whether that answers or not
const INTERRUPTED = 130

const pull = z.object({
  number: z.number(),
  since: z.number(),
  until: z.number(),
  progress: z.number(),
  state: z.enum(['running', 'finished', 'cancelled', 'stopped']),
  fault: z.string().nullable(),
  delay: z.string().nullable(),
})
type SyncRun = z.infer<typeof pull>

const coverage = z.object({
  total: z.object({ seenByBoth: z.number(), webhookAlone: z.number(), apiAlone: z.number() }),
})

/** `npm run backfill`: begins, watches how far it is, and tells what came of it. */
async function backfill(): Promise<void> {
  const values = readOptions(OPTIONS, USAGE)
  const { since, until } = values
  if (!values.cancel && !since) fail(`--since is missing.\n\n${USAGE}`)
  const receiver = findReceiver(values.url)
  if (values.cancel) return cancel(receiver)
  const query = new URLSearchParams({ since: since ?? '', ...(until && { until }) })
  const begun = z.object({ backfill: z.number() })
  const answer = await askReceiver(receiver, 'POST', `/backfill?${query.toString()}`)
  const ended = await watch(receiver, begun.parse(answer).backfill)
  await tell(receiver, ended)
  if (ended.state !== 'finished') process.exitCode = 1
}

async function cancel(receiver: Receiver): Promise<void> {
  const answer = await askReceiver(receiver, 'DELETE', '/backfill')
  const { cancelled } = z.object({ cancelled: z.number() }).parse(answer)
  console.log(
    cancelled === 0
      ? 'Nothing is being read.'
      : `Cancelled: ${cancelled === 1 ? '1 reading' : `${cancelled} readings`}. What was read by then stays.`,
  )
}

/** Asks how far a reading is until it has ended. */
async function watch(receiver: Receiver, number: number): Promise<SyncRun> {
  const progress = new Progress(process.stdout)
  process.once('SIGINT', () => {
    progress.end()
    console.log(
      `The receiver goes on reading: its page /coverage shows how far it is.\nTo cancel it: npm run backfill -- --cancel --url ${receiver.url}`,
    )
    process.exit(INTERRUPTED)
  })
  for (let misses = 0; ; await setTimeout(EVERY_MS)) {
    const asked = await tryReceiver(receiver, 'GET', '/backfill')
    if ('why' in asked) {
      if (asked.isPassing && ++misses <= MAX_MISSES) continue
      progress.end()
      return fail(`${asked.why} The reading goes on there.`)
    }
    misses = 0
    const { backfills } = z.object({ backfills: z.array(pull) }).parse(asked.answer)
    const found = backfills.find((each) => each.number === number)
    if (found) progress.show(found.progress, found.delay ?? '')
    if (found?.state === 'running') continue
    progress.end()
    return found ?? fail('It is no longer among the recent readings: see the page /coverage.')
  }
}

async function tell(receiver: Receiver, ended: SyncRun): Promise<void> {
  const { state, fault, since, until, progress } = ended
  const isRead = progress > 0
  if (state === 'cancelled') {
    console.log(`It was cancelled.${isRead ? ' What was read by then stays.' : ''}`)
  }
  if (fault !== null) console.error(state === 'stopped' ? `It was stopped: ${fault}` : fault)
  if (!isRead) return
  const answer = await askReceiver(receiver, 'GET', `/coverage?since=${since}&until=${until}`)
  const { seenByBoth, webhookAlone, apiAlone } = coverage.parse(answer).total
  const filled = apiAlone > 0 ? ': the webhook missed these, and they are filled' : ''
  console.log(`What is known of ${write(since)} to ${write(until)}, from all readings:
  ${count(seenByBoth)} that the webhook confirmed and the API has
  ${count(webhookAlone)} that only the webhook confirmed
  ${count(apiAlone)} that only the API has${filled}`)
}

function count(events: number): string {
  return `${events.toLocaleString('en')} ${events === 1 ? 'event' : 'events'}`.padStart(16)
}

function write(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

await backfill()
