import { randomUUID } from 'node:crypto'
import { makeBodies } from './bodies.ts'
import { priceMillion } from './costs.ts'
import { median } from './median.ts'
import { show, type Figure } from './report.ts'
import type { Server } from './server.ts'

const CONTACTS = 13 // per history: three get a single event each, then the other ten get one in a batch
const ALONE = 3
const EVENTS_EACH = 500
const DAY_MS = 86_400_000
const HISTORY_DAYS = 30

type Rows = { read: number; written: number }

/**
 * Measures the rows that a new event uses by its contact's history, alone and in a batch, and those of a repeated one.
 *
 * @param histories numbers of earlier events, 100 among them
 */
export async function measureRows(server: Server, histories: readonly number[]): Promise<Figure[]> {
  const found = new Map<number, { alone: Rows; batched: Rows }>()
  for (const events of histories) found.set(events, await measureHistory(server, events))
  const known = found.get(100)?.alone
  if (!known) throw new Error('no known contact was measured')
  const readBy = (kind: 'alone' | 'batched') => [...found.values()].map((rows) => rows[kind].read)
  const repeated = await measureRepeated(server)
  const withHistory = `of a contact with ${histories.map(show).join(', ')} events`
  return [
    {
      name: `rows read by a new event in a batch of ten, ${withHistory}`,
      found: readBy('batched').map(show).join(', '),
      target: '≤ 40, flat',
      met: Math.max(...readBy('batched')) <= 40,
    },
    {
      name: `rows read by a single new event, ${withHistory}`,
      found: readBy('alone').map(show).join(', '),
    },
    {
      name: 'rows written by a single new event of a known contact and campaign',
      found: show(known.written),
      target: '3',
      met: known.written <= 3,
    },
    {
      name: 'dollars per million of these',
      found: priceMillion({
        requests: 1,
        queueOperations: 3,
        rowsRead: known.read,
        rowsWritten: known.written,
      }).toFixed(2),
    },
    {
      name: 'rows written by a repeated event',
      found: show(repeated),
      target: '0',
      met: repeated === 0,
    },
  ]
}

/** Measures a new event of contacts with that history: the maximum for a new delivery and for the last one. */
async function measureHistory(server: Server, earlier: number) {
  const histories = Array.from({ length: CONTACTS }, (_, index) =>
    makeHistory(200_000_000 + earlier * CONTACTS + index, earlier),
  )
  await server.post(histories.flatMap(({ bodies }) => bodies))
  await server.untilConsumed()
  const now = Date.now()
  const kinds = [
    histories.map(({ contactId }) => makeEvent(contactId, randomUUID(), 'DELIVERED', now)),
    histories.map(({ contactId, last }) => makeEvent(contactId, last, 'READ', now)),
  ]
  const [alone, batched]: [Rows[], Rows[]] = [[], []]
  for (const events of kinds) {
    const lone: Rows[] = []
    for (const event of events.slice(0, ALONE)) lone.push(await send(server, [event]))
    alone.push(middle(lone)) // once a minute, the receiver also records its usage
    batched.push(await send(server, events.slice(ALONE)))
  }
  return { alone: maximum(alone), batched: maximum(batched) }
}

function middle(rows: readonly Rows[]): Rows {
  return {
    read: median(rows.map(({ read }) => read)),
    written: median(rows.map(({ written }) => written)),
  }
}

function maximum(rows: readonly Rows[]): Rows {
  return {
    read: Math.max(...rows.map(({ read }) => read)),
    written: Math.max(...rows.map(({ written }) => written)),
  }
}

/** Sends events in one POST. @returns rows per event */
async function send(server: Server, events: readonly object[]): Promise<Rows> {
  const before = await server.untilConsumed()
  await server.post([Buffer.from(JSON.stringify(events))])
  const after = await server.untilConsumed()
  return {
    read: (after.rowsRead - before.rowsRead) / events.length,
    written: (after.rowsWritten - before.rowsWritten) / events.length,
  }
}

/** A contact's month: deliveries that were read, except the `last`. */
function makeHistory(contactId: number, events: number) {
  const made: object[] = []
  let last = randomUUID()
  for (let index = 0; index < events; index++) {
    const isRead = index % 2 === 1 && index < events - 1
    if (!isRead) last = randomUUID()
    const time = Date.now() - DAY_MS - ((events - index) / events) * HISTORY_DAYS * DAY_MS
    made.push(makeEvent(contactId, last, isRead ? 'READ' : 'DELIVERED', time))
  }
  const bodies: Buffer[] = []
  for (let from = 0; from < made.length; from += EVENTS_EACH) {
    bodies.push(Buffer.from(JSON.stringify(made.slice(from, from + EVENTS_EACH))))
  }
  return { contactId, bodies, last }
}

function makeEvent(contactId: number, iid: string, activityStatus: string, time: number): object {
  return {
    iid,
    activityStatus,
    activityDateTime: new Date(time).toISOString().slice(0, 19),
    contactId,
    email: `contact${contactId}@example.com`,
    mediaType: 'email',
    messageId: 2_489_300,
    messageInstanceId: 2_489_301,
    messageName: 'Welcome',
    broadcastId: 3_459_207,
  }
}

async function measureRepeated(server: Server): Promise<number> {
  const bodies = [...makeBodies(4, 50, 9_000)]
  await server.post(bodies)
  const before = await server.untilConsumed()
  await server.post(bodies)
  const after = await server.untilConsumed()
  return (after.rowsWritten - before.rowsWritten) / (bodies.length * 50)
}
