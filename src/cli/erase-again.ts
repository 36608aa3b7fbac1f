import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import * as z from 'zod'
import { readOptions } from './options.ts'
import {
  findReceiver,
  RECEIVER_OPTIONS,
  RECEIVER_USAGE,
  tryReceiver,
  type Receiver,
} from './receiver.ts'
import { fail } from './wrangler.ts'

const USAGE = `Repeats all erasures after the database was restored to an earlier moment. Events that came after an
erasure stay. It can be stopped and started again at any time.

  npm run erase-again -- [--from FILE] [--url URL]
  npm run erase-again -- --save FILE [--url URL]

  --save FILE  only saves the record of erasures, as anonymous digests: before a restore, if no archive
               is bound; with an archive, its bucket has the record already
  --from FILE  a record that was saved before (by default, the one in the bucket)
${RECEIVER_USAGE}`

const OPTIONS = {
  save: { type: 'string' },
  from: { type: 'string' },
  ...RECEIVER_OPTIONS,
} as const

const PAUSE_MS = 2_000
const MAX_MISSES = 30 // a minute
const MAX_BUSY = 330 // eleven minutes: a step that was killed holds its lease for two
const MAX_IDLE = 60

const page = z.object({
  record: z.looseObject({ erased: z.array(z.unknown()) }),
  next: z.string().nullable(),
})
const step = z.object({
  phase: z.string(),
  scanned: z.number(),
  found: z.number(),
  underWay: z.number(),
  busy: z.boolean(),
  next: z.string().nullable(),
})

/** Calls the receiver, again if that may help; ends the program if it does not. */
async function ask(receiver: Receiver, method: 'GET' | 'POST', path: string, body?: string) {
  for (let misses = 0; ; misses++) {
    const outcome = await tryReceiver(receiver, method, path, body)
    if ('response' in outcome) return outcome.response
    if (!outcome.isPassing || misses === MAX_MISSES) {
      fail(`${outcome.why}\nFix this and start it again: it continues where it stopped.`)
    }
    await setTimeout(PAUSE_MS)
  }
}

async function save(receiver: Receiver, file: string): Promise<void> {
  const lines: string[] = []
  let digests = 0
  for (let next: string | null = ''; next !== null;) {
    const query: string = next === '' ? '' : `?cursor=${next}`
    const response = page.parse(await ask(receiver, 'GET', `/erasures/record${query}`))
    lines.push(`${JSON.stringify(response.record)}\n`)
    digests += response.record.erased.length
    next = response.next
  }
  writeFileSync(file, lines.join(''), { mode: 0o600 })
  console.log(`${file} has ${digests.toLocaleString('en')} anonymous digests.`)
}

async function send(receiver: Receiver, file: string): Promise<void> {
  for (const line of readLines(file)) await ask(receiver, 'POST', '/erasures/record', line)
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean)
  } catch (error) {
    return fail(`${file} cannot be read: ${String(error)}`)
  }
}

async function eraseAgain(receiver: Receiver, first: string | null): Promise<void> {
  const counts = new Map<string, { scanned: number; found: number }>()
  let [found, busy, idle, before, shown] = [0, 0, 0, -1, '']
  for (let next = first, isFirst = true; isFirst || next !== null; isFirst = false) {
    const query: string = next === null ? '' : `?next=${encodeURIComponent(next)}`
    const result = step.parse(await ask(receiver, 'POST', `/erasures/again${query}`))
    next = result.next
    busy = result.busy ? busy + 1 : 0
    if (busy > MAX_BUSY)
      fail('Other maintenance has been running for eleven minutes. Try again later.')
    if (result.busy) {
      await setTimeout(PAUSE_MS)
      continue
    }
    found += result.found
    const { phase, underWay } = result
    const { scanned = 0, found: some = 0 } = counts.get(phase) ?? {}
    const count = { scanned: scanned + result.scanned, found: some + result.found }
    counts.set(phase, count)
    const isOver = next?.split(' ')[0] !== phase
    const line =
      phase === 'erase'
        ? `${underWay} under way`
        : `${phase}: ${count.scanned.toLocaleString('en')} searched, ${count.found} found`
    if ((isOver || phase === 'erase') && line !== shown) {
      console.log(line)
      shown = line
    }
    idle = phase === 'erase' && underWay === before ? idle + 1 : 0
    before = underWay
    if (idle === MAX_IDLE) return printPending(underWay)
  }
  console.log(
    found === 0 ? 'Done: nothing had to be erased again.' : 'Done: everyone is erased again.',
  )
}

function printPending(underWay: number): void {
  console.log(
    `${underWay} erasures are still running, and continue by themselves: see GET /erasures.`,
  )
}

async function run(): Promise<void> {
  const values = readOptions(OPTIONS, USAGE)
  const receiver = findReceiver(values.url)
  if (values.save !== undefined) return save(receiver, values.save)
  if (values.from !== undefined) await send(receiver, values.from)
  await eraseAgain(receiver, values.from === undefined ? null : 'contacts')
}

await run()
