import { Buffer } from 'node:buffer'
import { handOver } from '../../receive/hand-over.ts'
import { findFault } from '../../receive/json-text.ts'
import { prepare, type Prepared } from '../../receive/prepare.ts'
import type { Arrival } from '../../store/message.ts'
import { correctReasons, removeSetAside, findAlike } from '../../store/quarantine-changes.ts'
import type { StoredSetAside } from '../../store/quarantine.ts'

/** What a replay works with. */
export type Means = {
  db: D1Database
  queue: Queue
  /** Of times that carry none, an IANA name. */
  timeZone: string
}

/** How it went. */
export type ReplayReport = {
  /** How many are set aside no more. */
  replayed: number
  /** How many events that were. */
  events: number
  /** How many of what was tried can be no event yet, and stay set aside. */
  still: number
}

/** Elements of one request, of one kind. */
type Group = { first: StoredSetAside; elements: StoredSetAside[] }

/**
 * Tries elements again, each with all that was sent, in the ordinary way and as they once arrived. What is an event now is handed
 * over, and then deleted here; what is none stays as it is, with the reason of today. Elements of a
 * request that are the same text go together, as their order makes them different events.
 *
 * @throws Refusal 503 where neither the queue nor the database takes the events: all stays as it is
 */
export async function replayElements(
  { db, queue, timeZone }: Means,
  waiting: readonly StoredSetAside[],
): Promise<ReplayReport> {
  const groups = groupByRequest(waiting)
  const reasons = groups.map((group) => findReasons(group, timeZone))
  const ready = groups.flatMap(({ elements }, index) => {
    const texts = new Map(elements.map((element) => [element.sent, element]))
    return [...texts.values()].filter(({ sent }) => !reasons[index]?.has(sent))
  })
  const alike = await findAlike(db, ready)
  const prepared = groups.flatMap((group) => prepareReady(group, ready, alike, timeZone) ?? [])
  await handOver(
    prepared.flatMap(({ messages }) => messages),
    queue,
    db,
  )
  await removeSetAside(db, alike)
  const still = groups.flatMap(({ elements }, index) =>
    elements.flatMap((element) => {
      const reason = reasons[index]?.get(element.sent)
      return reason === undefined ? [] : [{ ...element, reason }]
    }),
  )
  await correctReasons(
    db,
    still.filter(({ reason }) => reason !== ''),
  )
  const events = prepared.reduce((sum, { accepted }) => sum + accepted, 0)
  return { replayed: alike.length, events, still: still.length }
}

/**
 * Tries the rest of a request that had too many elements: what of it is an event, and what is none, goes
 * the ordinary way, and then the rest itself is deleted here.
 *
 * @throws Refusal 503 where neither the queue nor the database takes it: it stays as it is
 */
export async function replayRest(
  { db, queue, timeZone }: Means,
  rest: StoredSetAside,
): Promise<ReplayReport> {
  if (findFault(`[${rest.sent}]`)) return { replayed: 0, events: 0, still: 1 }
  const prepared = prepare(bodyOf(rest, [rest.sent]), arrivalOf(rest), timeZone)
  await handOver(prepared.messages, queue, db)
  await removeSetAside(db, [rest])
  return { replayed: 1, events: prepared.accepted, still: prepared.quarantined.length }
}

function groupByRequest(waiting: readonly StoredSetAside[]): Group[] {
  const groups = new Map<string, Group>()
  for (const element of waiting) {
    const name = `${element.request} ${element.kind}`
    const group = groups.get(name)
    if (group) group.elements.push(element)
    else groups.set(name, { first: element, elements: [element] })
  }
  return [...groups.values()]
}

/** Why texts can be no event, by the text; empty where nobody can say. What can be one is not in it. */
function findReasons({ first, elements }: Group, zone: string): Map<string, string> {
  const texts = [...new Set(elements.map(({ sent }) => sent))]
  const [whole, broken] = [texts.filter(isElement), texts.filter((text) => !isElement(text))]
  const { quarantined } = prepare(bodyOf(first, whole), arrivalOf(first), zone)
  const reasons = quarantined.map(({ index, reason }) => [whole[index] ?? '', reason] as const)
  return new Map([...reasons, ...broken.map((text) => [text, ''] as const)])
}

/** All elements of a group that are events now, and those that are the same texts, in their order. */
function prepareReady(
  { first, elements }: Group,
  ready: readonly StoredSetAside[],
  alike: Awaited<ReturnType<typeof findAlike>>,
  zone: string,
): Prepared | undefined {
  const mine = new Set(elements)
  const texts = new Map(
    ready.flatMap((each) => (mine.has(each) ? [[each.elementIndex, each.sent] as const] : [])),
  )
  const body = alike.flatMap(({ request, like }) =>
    request === first.request ? (texts.get(like) ?? []) : [],
  )
  return body.length > 0 ? prepare(bodyOf(first, body), arrivalOf(first), zone) : undefined
}

function bodyOf({ kind }: StoredSetAside, texts: readonly string[]): Uint8Array {
  return Buffer.from(`[${texts.join()}]`, kind === 'bytes' ? 'latin1' : 'utf8')
}

function arrivalOf({ receivedAt, origin, labels }: StoredSetAside): Arrival {
  return { receivedAt, origin, labels }
}

function isElement(text: string): boolean {
  return findFault(text) === undefined
}
