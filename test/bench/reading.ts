import { listActivities } from '../../src/store/list.ts'
import { makeBodies } from './bodies.ts'
import { median } from './median.ts'
import { show, type Figure } from './report.ts'
import { readMemory } from './memory.ts'
import { chooseSubject, countRowsRead, listQuestions, type Question } from './questions.ts'
import type { Server } from './server.ts'

const MOST_MS = 50
const TIMES = 60
const WARM_UP = 20
const [BUSY_CONTACT, BUSY_EVENTS, BUSY_SEED] = [77, 200, 11_000_000]
const EVENTS_EACH = 500
const SLICE = 40 // bodies between two looks at the memory

/** What one size of database answers: milliseconds at the median, and rows read. */
type Found = Map<string, { ms: number; rowsRead: number; question: Question }>

/** Fills a receiver up to so many events; meanwhile notes the runtime's memory, in MB. */
export async function fill(receiver: Server, events: number, seed: number): Promise<number[]> {
  const memory: number[] = []
  let stored = await receiver.countStored()
  let slice: Buffer[] = []
  const send = async () => {
    await receiver.post(slice)
    stored += slice.length * EVENTS_EACH
    await receiver.untilStored(stored)
    receiver.takeLogs()
    slice = []
    const used = readMemory()
    if (used !== undefined) memory.push(used)
  }
  for (const body of makeBodies(Math.ceil((events - stored) / EVENTS_EACH), EVENTS_EACH, seed)) {
    slice.push(body)
    if (slice.length === SLICE) await send()
  }
  if (slice.length > 0) await send()
  return memory
}

/** Gives one contact more events than a page has, spread over all the time that the others cover. */
async function fillContact(receiver: Server): Promise<void> {
  const before = await receiver.countStored()
  const bodies = [...makeBodies(BUSY_EVENTS, 40, BUSY_SEED)].map((body) => {
    const [event] = JSON.parse(body.toString()) as [object]
    return Buffer.from(JSON.stringify([{ ...event, contactId: BUSY_CONTACT }]))
  })
  await receiver.post(bodies)
  await receiver.untilStored(before + bodies.length)
}

/** Asks each kind of question. */
export async function measureReading(receiver: Server): Promise<Found> {
  const db = await receiver.database()
  const contactId = String(BUSY_CONTACT)
  const filter = { parameters: { contactId: [contactId] } }
  const busy = await listActivities(db, filter, 1, undefined)
  if (busy.activities.length === 0) await fillContact(receiver)
  const found: Found = new Map()
  for (const question of listQuestions(await chooseSubject(db, contactId))) {
    const times: number[] = []
    for (let round = 0; round < WARM_UP + TIMES; round++) {
      const begun = performance.now()
      await receiver.ask('GET', question.path)
      times.push(performance.now() - begun)
    }
    const rowsRead = await countRowsRead(receiver, question.path)
    found.set(question.name, { ms: median(times.slice(WARM_UP)), rowsRead, question })
  }
  return found
}

/** How the answers hold up as the database grows. */
export function compareReading(
  small: Found,
  large: Found,
  sizes: readonly [number, number],
): Figure[] {
  const [few, many] = sizes.map((size) => size.toLocaleString('en'))
  return [...large].map(([name, { ms, rowsRead, question }]) => {
    const before = small.get(name)
    if (!before) throw new Error(`${name} was not asked`)
    const { rowsWanted = Infinity } = question
    const rowsText = rowsWanted === Infinity ? '' : `; ≤ ${rowsWanted} rows`
    return {
      name: `${name}: ms at ${few} and at ${many} events; rows read`,
      found: `${show(before.ms)}, ${show(ms)}; ${rowsRead.toLocaleString('en')}`,
      target: `≤ ${MOST_MS} ms${rowsText}`,
      met: ms <= MOST_MS && rowsRead <= rowsWanted,
    }
  })
}

/** Whether what passed through left something behind, and what each event takes in the database. */
export async function describeStore(
  receiver: Server,
  memory: readonly number[],
): Promise<Figure[]> {
  const db = await receiver.database()
  const { results, meta } = await db.prepare('SELECT count(*) AS events FROM activity').all()
  const bytes = meta.size_after / Number(results[0]?.['events'])
  const figures: Figure[] = [
    {
      name: 'bytes stored an event, index included',
      found: show(bytes),
      target: '≤ 420',
      met: bytes <= 420,
    },
  ]
  // The first fifth fills caches and grows the heap to its working size.
  const fifth = Math.floor(memory.length / 5)
  if (fifth < 2) return figures
  const [early, late] = [median(memory.slice(fifth, 2 * fifth)), median(memory.slice(-fifth))]
  figures.push({
    name: "MB of the runtime's memory, in the second and the last fifth of the events",
    found: `${show(early)}, ${show(late)}`,
    target: 'flat (≤ 1.1 times)',
    met: late <= 1.1 * early,
  })
  return figures
}
