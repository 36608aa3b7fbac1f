import { Elements } from '../../src/receive/elements.ts'
import { prepare } from '../../src/receive/prepare.ts'
import { makeBodies } from './bodies.ts'
import { show, type Figure } from './report.ts'
import type { Server } from './server.ts'
import type { Storing } from './storing.ts'
import { insertEvent } from './tutorial.ts'
import { PATIENCE_MS } from '../patience.ts'

/** Dollars for a million, beyond what a paid plan includes; https://developers.cloudflare.com/workers/platform/pricing/ */
const PRICES = { requests: 0.3, processorMs: 0.02, queueOperations: 0.4, rowsWritten: 1 } as const

type Usage = Record<keyof typeof PRICES, number>

const BYTES_AN_OPERATION = 64_000
const MESSAGE_METADATA_BYTES = 100
const OPERATIONS_A_MESSAGE = 3 // written, read, deleted

const WANTED_OPERATIONS = new Map([
  [1, 3],
  [4, 0.75],
  [50, 0.06],
])
const MOST_SPLITS = 1.25 // bodies of long links or broad alphabets take more than 64 KB

const WANTED_TIMES = new Map([
  [1, 1.5],
  [4, 2.5],
  [100, 3],
])

/**
 * Rows written by an event that is new and one of a contact who is known by name, as almost all are, and
 * by one that was there already.
 */
async function measureRows(receiver: Server, bodies: number) {
  const first = [...makeBodies(bodies, 50, 9_000_000)]
  // The same once more to the same people.
  const second = first.map((body) => body.toString().replaceAll('"iid":"', '"iid":"again '))
  const events = bodies * 50
  const send = async (sent: Buffer[]) => {
    receiver.takeLogs()
    await receiver.post(sent)
    let [stored, rowsWritten] = [0, 0]
    const deadline = performance.now() + PATIENCE_MS
    while (stored < events) {
      if (performance.now() > deadline) throw new Error('the receiver does not say what it stored')
      await new Promise((resolve) => setTimeout(resolve, 50))
      for (const line of receiver.takeLogs()) {
        if (!line.includes('"consumed"')) continue
        const batch = JSON.parse(line) as { events: number; rowsWritten: number }
        stored += batch.events
        rowsWritten += batch.rowsWritten
      }
    }
    return rowsWritten / stored
  }
  await send(first)
  const again = second.map((text) => Buffer.from(text))
  return { fresh: await send(again), repeated: await send(again) }
}

/** Queue operations an event, from the messages that are sent. */
function countOperations(eventsEach: number): number {
  const arrival = { receivedAt: Date.now(), origin: 'webhook', labels: null } as const
  const bodies = [...makeBodies(200, eventsEach, 10_000_000 + eventsEach)]
  const messages = bodies.flatMap((body) => prepare(new Elements(body), arrival, 'UTC').messages)
  const pieces = messages.reduce((sum, text) => sum + countPieces(Buffer.byteLength(text)), 0)
  return (pieces * OPERATIONS_A_MESSAGE) / bodies.length / eventsEach
}

function countPieces(bytes: number): number {
  return Math.ceil((bytes + MESSAGE_METADATA_BYTES) / BYTES_AN_OPERATION)
}

function priceOf(usage: Usage): number {
  const kinds = Object.keys(PRICES) as (keyof Usage)[]
  return kinds.reduce((sum, kind) => sum + usage[kind] * PRICES[kind], 0)
}

/** What events cost in rows, in queue operations, and in dollars beside the tutorial. */
export async function measureCosts(
  receiver: Server,
  tutorial: Server,
  storing: Storing,
  scale: { bodies: number },
): Promise<Figure[]> {
  const rows = await measureRows(receiver, scale.bodies)
  const event = { contactId: 1, activityStatus: 'READ', activityDateTime: '2026-01-05T07:00:00' }
  const { meta } = await insertEvent(await tutorial.database(), event).run()
  const figures: Figure[] = [
    {
      name: 'rows written by a new event, by a repeated one',
      found: `${show(rows.fresh)}, ${show(rows.repeated)}`,
      target: '≤ 2.5, 0',
      met: rows.fresh <= 2.5 && rows.repeated === 0,
    },
  ]
  for (const [eventsEach, wanted] of WANTED_OPERATIONS) {
    const found = countOperations(eventsEach)
    figures.push({
      name: `queue operations an event, ${eventsEach} a POST`,
      found: show(found),
      target: eventsEach === 50 ? `${wanted} and splits (≤ 0.075)` : `${wanted}`,
      met: found <= (eventsEach === 50 ? wanted * MOST_SPLITS : wanted),
    })
  }
  for (const eventsEach of WANTED_TIMES.keys()) {
    figures.push(compareDollars(eventsEach, storing, rows.fresh, meta.rows_written))
  }
  return figures
}

function compareDollars(
  eventsEach: number,
  storing: Storing,
  ourRows: number,
  theirRows: number,
): Figure {
  const wanted = WANTED_TIMES.get(eventsEach) ?? Infinity
  // All that the runtime did, queue and database included: more than a Worker is billed for.
  const rate = storing.get(eventsEach === 100 ? 50 : 4)
  if (!rate) throw new Error('what is stored was not measured')
  const requests = 1 / eventsEach
  const ours = priceOf({
    requests,
    processorMs: 1_000 / rate.receiver,
    queueOperations: countOperations(eventsEach),
    rowsWritten: ourRows,
  })
  const theirs = priceOf({
    requests,
    processorMs: 1_000 / rate.tutorial,
    queueOperations: OPERATIONS_A_MESSAGE,
    rowsWritten: theirRows,
  })
  return {
    name: `dollars for a million events, ${eventsEach} a POST (the tutorial: ${theirs.toFixed(2)})`,
    found: `${ours.toFixed(2)}, ${show(theirs / ours)} times less`,
    target: `≥ ${wanted} times less`,
    met: theirs / ours >= wanted,
  }
}
