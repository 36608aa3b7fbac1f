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

const USAGE = `Erases everyone once more who was erased before, after the database was restored to an earlier moment.
Events of theirs that came later stay. It can be stopped and started anew at any time.

  npm run erase-again -- [--from FILE] [--url URL]
  npm run erase-again -- --save FILE [--url URL]

  --save FILE  only writes down who was erased, as digests that name nobody: before a restore, where no
               archive is bound; with an archive, the same is in its bucket already
  --from FILE  what was saved so; left out, what is in the bucket
${RECEIVER_USAGE}`

const OPTIONS = {
  save: { type: 'string' },
  from: { type: 'string' },
  ...RECEIVER_OPTIONS,
} as const

const PAUSE_MS = 2_000
const MAX_MISSES = 30 // a minute
const MAX_BUSY = 330 // of a run that was cut off, nothing is heard for ten minutes
const MAX_IDLE = 60

const page = z.object({
  record: z.looseObject({ erased: z.array(z.unknown()) }),
  next: z.string().nullable(),
})
const step = z.object({
  phase: z.string(),
  looked: z.number(),
  found: z.number(),
  underWay: z.number(),
  isBusy: z.boolean(),
  next: z.string().nullable(),
})

/** Asks, again and again where that may help; ends the program where it does not. */
async function ask(receiver: Receiver, method: 'GET' | 'POST', path: string, body?: string) {
  for (let misses = 0; ; misses++) {
    const asked = await tryReceiver(receiver, method, path, body)
    if ('answer' in asked) return asked.answer
    if (!asked.isPassing || misses === MAX_MISSES) {
      fail(`${asked.why}\nStart it again once that is put right: what was done stays done.`)
    }
    await setTimeout(PAUSE_MS)
  }
}

async function save(receiver: Receiver, file: string): Promise<void> {
  const lines: string[] = []
  let digests = 0
  for (let next: string | null = ''; next !== null;) {
    const query: string = next === '' ? '' : `?cursor=${next}`
    const answer = page.parse(await ask(receiver, 'GET', `/erasures/record${query}`))
    lines.push(`${JSON.stringify(answer.record)}\n`)
    digests += answer.record.erased.length
    next = answer.next
  }
  writeFileSync(file, lines.join(''), { mode: 0o600 })
  console.log(`${file} has ${digests.toLocaleString('en')} digests, which name nobody.`)
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
  const counts = new Map<string, { looked: number; found: number }>()
  let [found, busy, idle, before, shown] = [0, 0, 0, -1, '']
  for (let next = first, isFirst = true; isFirst || next !== null; isFirst = false) {
    const query: string = next === null ? '' : `?next=${encodeURIComponent(next)}`
    const taken = step.parse(await ask(receiver, 'POST', `/erasures/again${query}`))
    next = taken.next
    busy = taken.isBusy ? busy + 1 : 0
    if (busy > MAX_BUSY) fail('Something else has been at work for ten minutes. Try again later.')
    if (taken.isBusy) {
      await setTimeout(PAUSE_MS)
      continue
    }
    found += taken.found
    const { phase, underWay } = taken
    const { looked = 0, found: some = 0 } = counts.get(phase) ?? {}
    const count = { looked: looked + taken.looked, found: some + taken.found }
    counts.set(phase, count)
    const isOver = next?.split(' ')[0] !== phase
    const line =
      phase === 'erase'
        ? `${underWay} under way`
        : `${phase}: ${count.looked.toLocaleString('en')} looked through, ${count.found} found`
    if ((isOver || phase === 'erase') && line !== shown) console.log(line)
    shown = line
    idle = phase === 'erase' && underWay === before ? idle + 1 : 0
    before = underWay
    if (idle === MAX_IDLE) return sayWaiting(underWay)
  }
  console.log(found === 0 ? 'Done: nobody was there again.' : 'Done: all are erased again.')
}

function sayWaiting(underWay: number): void {
  console.log(
    `${underWay} erasures are under way, and go on by themselves: GET /erasures tells when they are finished.`,
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
