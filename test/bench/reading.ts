import { makeBodies } from './bodies.ts'
import { median } from './median.ts'
import { chooseSubject, listRequests } from './questions.ts'
import { show, type Figure } from './report.ts'
import type { Server } from './server.ts'

const MAX_MS = 50
const WARM_UP = 1 / 3
const BUSY_CONTACT = 77
const BUSY_EVENTS = 200

/**
 * Measures response time and rows read for each kind of request.
 *
 * @param times how often each is measured
 * @param isOther whether it is another version, which may not support every request: those are left out
 */
export async function measureReading(
  server: Server,
  times: number,
  isOther: boolean,
): Promise<Figure[]> {
  const warmUp = Math.ceil(times * WARM_UP)
  await fillContact(server)
  const figures: Figure[] = []
  const subject = await chooseSubject(server, String(BUSY_CONTACT))
  for (const { name, path, maxRows = Infinity } of listRequests(subject)) {
    if (isOther && !(await server.request('GET', path).then(Boolean, () => false))) continue
    const [took, rows]: [number[], number[]] = [[], []]
    for (let round = 0; round < warmUp + times; round++) {
      const before = await server.readUsed()
      const start = performance.now()
      await server.request('GET', path)
      took.push(performance.now() - start)
      rows.push((await server.readUsed()).rowsRead - before.rowsRead)
    }
    const [ms, rowsRead] = [median(took.slice(warmUp)), median(rows)]
    const rowsText = maxRows === Infinity ? '' : `; ≤ ${maxRows} rows`
    figures.push({
      name: `${name}: ms; rows read`,
      found: `${show(ms)}; ${rowsRead.toLocaleString('en')}`,
      target: `≤ ${MAX_MS} ms${rowsText}`,
      met: ms <= MAX_MS && rowsRead <= maxRows,
    })
  }
  return figures
}

/** Stores more events of one contact than fit on a page, spread over the whole period. */
async function fillContact(server: Server): Promise<void> {
  const bodies = [...makeBodies(BUSY_EVENTS, 40, 9_200)].map((body) => {
    const [event] = JSON.parse(body.toString()) as [object]
    return Buffer.from(JSON.stringify([{ ...event, contactId: BUSY_CONTACT }]))
  })
  await server.post(bodies)
  await server.untilConsumed()
}
