import { API_EXTRAS } from '../event/api-row.ts'
import { createIdentifier } from '../event/identity.ts'
import { listMembers } from '../event/meaning.ts'
import type { ParameterName } from '../event/parameters.ts'
import { findOrigins, listOfMoments, toElement } from '../db/events/known-events.ts'
import { keyText, type EventKey, type StoredActivity } from '../db/stored-activity.ts'

/** An event of the API, and if it may have happened at a second moment, that: UTC milliseconds. */
export type ApiEvent = { event: object; place: EventKey; second: number | undefined }

/** The stored event that one of the API is. */
export type Match = {
  place: EventKey
  /** What confirmed it first. */
  origin: string
  /** The parameters that the two tell differently, or only one of them tells; none if they mean the same. */
  differing: string[]
}

type Members = ReadonlyMap<string, string>
type Pair<One> = { one: One; stored: StoredActivity; differing: string[]; contradictions: number }

/** What two accounts of one event never tell differently, though one may leave it out. */
const TELLING: readonly ParameterName[] = ['activityStatus', 'iid', 'clickEventLink', 'hardBounce']

// A delivery stays what it is when its contact is merged with another one, or gets another address.
const WITHOUT_IID: readonly ParameterName[] = ['contactId', 'email', 'sms']

/**
 * Finds the stored events that events of one answer of the API are: those with the same id, and for each that
 * is left one of the same moment and delivery, though the API leaves out a parameter, or writes one otherwise
 * than the webhook (a message that has another name by now). Each stored event is taken once.
 *
 * It reads a row for each event, and for those that are not found all that is stored of their moments.
 */
export async function matchStored<One extends ApiEvent>(
  db: D1Database,
  told: readonly One[],
): Promise<Map<One, Match>> {
  const found = new Map<One, Match>()
  const findExact = async (asked: readonly (readonly [One, EventKey])[]) => {
    const places = asked.map(([, place]) => place)
    const origins = await findOrigins(db, places)
    for (const [one, place] of asked) {
      const origin = origins.get(keyText(place))
      if (origin !== undefined) found.set(one, { place, origin, differing: [] })
    }
  }
  const listLeft = () => told.filter((one) => !found.has(one))
  await findExact(told.map((one) => [one, one.place]))
  const identify = createIdentifier('api')
  const atSecond = listLeft().flatMap((one): [One, EventKey][] => {
    const { event, second: occurredAt } = one
    return occurredAt === undefined ? [] : [[one, { occurredAt, id: identify(event, occurredAt) }]]
  })
  await findExact(atSecond)
  for (const [one, match] of await findSimilar(db, listLeft(), [...found.values()])) {
    found.set(one, match)
  }
  return found
}

async function findSimilar<One extends ApiEvent>(
  db: D1Database,
  left: readonly One[],
  taken: readonly Match[],
): Promise<Map<One, Match>> {
  const described = left.map((one) => ({ one, members: describe(one.event) }))
  const iids = described.map(({ members }) => members.get('iid'))
  const stored = await listOfMoments(db, left.flatMap(momentsOf), iids)
  const gone = new Set(taken.map(({ place }) => keyText(place)))
  const free = stored
    .filter((each) => !gone.has(keyText(each)))
    .map((each) => ({ stored: each, members: describe(toElement(each)) }))
  const byDelivery = Map.groupBy(free, ({ stored: { occurredAt }, members }) =>
    deliveryName(occurredAt, members),
  )
  const pairs = described.flatMap(({ one, members }) => {
    // One that does not say of which delivery it is may be of any.
    const names = momentsOf(one).flatMap((moment) => [
      deliveryName(moment, members),
      deliveryName(moment),
    ])
    const others = [...new Set(names)].flatMap((name) => byDelivery.get(name) ?? [])
    return others.flatMap((other) => {
      const pair = compare(members, other.members)
      return pair ? [{ one, stored: other.stored, ...pair }] : []
    })
  })
  return takeBest(pairs)
}

function deliveryName(moment: number, members?: Members): string {
  return `${moment} ${members?.get('iid') ?? ''}`
}

/** The likest first, each once. */
function takeBest<One>(pairs: Pair<One>[]): Map<One, Match> {
  pairs.sort(
    (a, b) => a.contradictions - b.contradictions || a.differing.length - b.differing.length,
  )
  const matches = new Map<One, Match>()
  const gone = new Set<StoredActivity>()
  for (const { one, stored, differing } of pairs) {
    if (matches.has(one) || gone.has(stored)) continue
    gone.add(stored)
    const { occurredAt, id, origin } = stored
    matches.set(one, { place: { occurredAt, id }, origin, differing })
  }
  return matches
}

/** How two accounts of an event differ; undefined if they are of two. */
function compare(one: Members, other: Members): Omit<Pair<unknown>, 'one' | 'stored'> | undefined {
  const isSame = (name: string) => one.get(name) === other.get(name)
  const isNotified = (name: string) => one.has(name) && other.has(name)
  if (TELLING.some((name) => isNotified(name) && !isSame(name))) return undefined
  if (!isNotified('iid')) {
    if (isNotified('contactId') && !isSame('contactId')) return undefined
    if (!WITHOUT_IID.some((name) => isNotified(name) && isSame(name))) return undefined
  }
  const names = new Set([...one.keys(), ...other.keys()])
  const differing = [...names].filter(
    (name) => !isSame(name) && (isNotified(name) || !API_EXTRAS.has(name)),
  )
  return { differing, contradictions: differing.filter(isNotified).length }
}

function describe(event: object): Members {
  return new Map(listMembers(event).map(([name, value]) => [name, canonicalText(value)]))
}

function canonicalText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function momentsOf({ place, second }: ApiEvent): number[] {
  return second === undefined ? [place.occurredAt] : [place.occurredAt, second]
}
