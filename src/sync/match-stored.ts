import { API_EXTRAS } from '../event/api-row.ts'
import { createIdentifier } from '../event/identity.ts'
import { listMembers } from '../event/meaning.ts'
import type { ParameterName } from '../event/parameters.ts'
import { findOrigins, listOfMoments, toElement } from '../db/events/known-events.ts'
import { keyText, type EventKey, type StoredEvent } from '../db/stored-event.ts'

/** An event of the API; `second` is the other possible moment, if its time is ambiguous: UTC milliseconds. */
export type ApiEvent = { event: object; key: EventKey; second: number | undefined }

/** The stored event that is the same as an event of the API. */
export type Match = {
  key: EventKey
  /** What reported it first. */
  origin: string
  /** The parameters in which the two differ in meaning. */
  differing: string[]
}

type Members = ReadonlyMap<string, string>
type Pair<Candidate> = {
  candidate: Candidate
  stored: StoredEvent
  differing: string[]
  contradictions: number
}

/** Parameters that never differ between two reports of one event, though one may lack them. */
const DECISIVE: readonly ParameterName[] = ['activityStatus', 'iid', 'clickEventLink', 'hardBounce']

// A delivery does not change when its contact is merged with another, or gets another address.
const WITHOUT_IID: readonly ParameterName[] = ['contactId', 'email', 'sms']

/**
 * Finds the stored events that are the same as events of an API response: those with the same ID, and for each other
 * event one of the same moment and delivery, even if the API omits a parameter or has another value (of a message that
 * was renamed since). Each stored event is matched once.
 *
 * Reads a row for each event, and for those without a match all stored events of their moments.
 */
export async function matchStored<Candidate extends ApiEvent>(
  db: D1Database,
  candidates: readonly Candidate[],
): Promise<Map<Candidate, Match>> {
  const found = new Map<Candidate, Match>()
  const findExact = async (keyed: readonly (readonly [Candidate, EventKey])[]) => {
    const origins = await findOrigins(
      db,
      keyed.map(([, key]) => key),
    )
    for (const [candidate, key] of keyed) {
      const origin = origins.get(keyText(key))
      if (origin !== undefined) found.set(candidate, { key, origin, differing: [] })
    }
  }
  const listLeft = () => candidates.filter((candidate) => !found.has(candidate))
  await findExact(candidates.map((candidate) => [candidate, candidate.key]))
  const identify = createIdentifier('api')
  const atSecond = listLeft().flatMap((candidate): [Candidate, EventKey][] => {
    const { event, second: occurredAt } = candidate
    if (occurredAt === undefined) return []
    return [[candidate, { occurredAt, id: identify(event, occurredAt) }]]
  })
  await findExact(atSecond)
  for (const [candidate, match] of await findSimilar(db, listLeft(), [...found.values()])) {
    found.set(candidate, match)
  }
  return found
}

async function findSimilar<Candidate extends ApiEvent>(
  db: D1Database,
  left: readonly Candidate[],
  taken: readonly Match[],
): Promise<Map<Candidate, Match>> {
  const described = left.map((candidate) => ({ candidate, members: describe(candidate.event) }))
  const iids = described.map(({ members }) => members.get('iid'))
  const stored = await listOfMoments(db, left.flatMap(momentsOf), iids)
  const takenKeys = new Set(taken.map(({ key }) => keyText(key)))
  const free = stored
    .filter((each) => !takenKeys.has(keyText(each)))
    .map((each) => ({ stored: each, members: describe(toElement(each)) }))
  const byDelivery = Map.groupBy(free, ({ stored: { occurredAt }, members }) =>
    deliveryName(occurredAt, members),
  )
  const pairs = described.flatMap(({ candidate, members }) => {
    // An event without a delivery may be of any delivery.
    const names = momentsOf(candidate).flatMap((moment) => [
      deliveryName(moment, members),
      deliveryName(moment),
    ])
    const others = [...new Set(names)].flatMap((name) => byDelivery.get(name) ?? [])
    return others.flatMap((other) => {
      const differences = compare(members, other.members)
      return differences ? [{ candidate, stored: other.stored, ...differences }] : []
    })
  })
  return takeBest(pairs)
}

function deliveryName(moment: number, members?: Members): string {
  return `${moment} ${members?.get('iid') ?? ''}`
}

/** Matches pairs, those with the fewest differences first, each event once. */
function takeBest<Candidate>(pairs: Pair<Candidate>[]): Map<Candidate, Match> {
  pairs.sort(
    (a, b) => a.contradictions - b.contradictions || a.differing.length - b.differing.length,
  )
  const matches = new Map<Candidate, Match>()
  const taken = new Set<StoredEvent>()
  for (const { candidate, stored, differing } of pairs) {
    if (matches.has(candidate) || taken.has(stored)) continue
    taken.add(stored)
    const { occurredAt, id, origin } = stored
    matches.set(candidate, { key: { occurredAt, id }, origin, differing })
  }
  return matches
}

/** The differences between two reports of an event; undefined if they are of two events. */
function compare(
  one: Members,
  other: Members,
): Omit<Pair<unknown>, 'candidate' | 'stored'> | undefined {
  const isSame = (name: string) => one.get(name) === other.get(name)
  const isInBoth = (name: string) => one.has(name) && other.has(name)
  if (DECISIVE.some((name) => isInBoth(name) && !isSame(name))) return undefined
  if (!isInBoth('iid')) {
    if (isInBoth('contactId') && !isSame('contactId')) return undefined
    if (!WITHOUT_IID.some((name) => isInBoth(name) && isSame(name))) return undefined
  }
  const names = new Set([...one.keys(), ...other.keys()])
  const differing = [...names].filter(
    (name) => !isSame(name) && (isInBoth(name) || !API_EXTRAS.has(name)),
  )
  return { differing, contradictions: differing.filter(isInBoth).length }
}

function describe(event: object): Members {
  return new Map(listMembers(event).map(([name, value]) => [name, canonicalText(value)]))
}

function canonicalText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function momentsOf({ key: { occurredAt }, second }: ApiEvent): number[] {
  return second === undefined ? [occurredAt] : [occurredAt, second]
}
