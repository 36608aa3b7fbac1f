import {
  findPersonIdentifiers,
  PERSON_IDENTIFIERS,
  type Engagement,
  type Facts,
  type PersonIdentifiers,
} from '../db/events/people.ts'
import { normalizeLink } from '../event/link.ts'
import { findMachines } from '../event/machines.ts'
import { MILESTONES, OUTCOMES, type Milestone, type Outcome } from '../event/outcome.ts'

/** What a person did: the first time of each outcome in UTC milliseconds, null if it never happened. */
export type Person = { contactId: bigint } & PersonIdentifiers & {
    [Name in Outcome]: number | null
  } & {
    reads: number
    clicks: number
  }

/** Which reads and clicks count. */
export type Counted = {
  /** Only clicks on this one, a normalized link. */
  link: string | undefined
  /** Whether those of machines are left out. */
  isWithoutMachines: boolean
}

/** The facts of a contact without events. */
export function noFacts(contactId: bigint): Facts {
  // One reasoned cast: it has all of them.
  const milestones = Object.fromEntries(MILESTONES.map((name) => [name, null])) as {
    [Name in Milestone]: null
  }
  return {
    contactId,
    ...milestones,
    email: null,
    sms: null,
    externalCustomerId: null,
    engagements: [],
  }
}

/** Adds an event to the milestones of a contact. */
export function addMilestones(
  facts: Facts,
  activityStatus: string,
  isHard: boolean,
  occurredAt: number,
): void {
  for (const name of MILESTONES) {
    const definition = OUTCOMES[name]
    const isOne = definition.status === activityStatus && (isHard || !definition.isHard)
    if (isOne) facts[name] = earlier(facts[name], occurredAt)
  }
}

/** Adds other facts of the same contact, which may be about the same events. */
export function addFacts(facts: Facts, others: Facts): void {
  for (const name of MILESTONES) facts[name] = earlier(facts[name], others[name])
  for (const name of PERSON_IDENTIFIERS) facts[name] = greater(facts[name], others[name])
  facts.engagements = [...facts.engagements, ...others.engagements]
}

/** The earlier of two times, either of which may be null. */
function earlier(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other
  return Math.min(one, other)
}

/** The same of two texts as SQLite's `max`: any choice will do, if it does not depend on their order. */
export function greater(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other
  return one < other ? other : one
}

/** The person of some facts. */
export function toPerson({ engagements, ...facts }: Facts, counted: Counted): Person {
  const all = [...new Map(engagements.map((event) => [event.id, event])).values()] // each once
  const people = counted.isWithoutMachines ? withoutMachines(all) : all
  const reads = people.filter(({ activityStatus }) => activityStatus === 'READ')
  const clicks = people.filter(({ activityStatus, clickEventLink }) => {
    if (activityStatus !== 'CLICKED') return false
    return counted.link === undefined || normalizeLink(clickEventLink ?? '') === counted.link
  })
  return {
    ...facts,
    read: firstOf(reads),
    reads: reads.length,
    clicked: firstOf(clicks),
    clicks: clicks.length,
  }
}

function firstOf(engagements: readonly Engagement[]): number | null {
  return engagements.reduce<number | null>(
    (first, { occurredAt }) => earlier(first, occurredAt),
    null,
  )
}

function withoutMachines(engagements: readonly Engagement[]): Engagement[] {
  return [...Map.groupBy(engagements, ({ delivery }) => delivery).values()].flatMap((events) => {
    const machines = findMachines(events)
    return machines.size === 0 ? events : events.filter((_, index) => !machines.has(index))
  })
}

/** Gives people the identifiers that these events do not have. */
export async function identify(db: D1Database, people: readonly Person[]): Promise<Person[]> {
  const incomplete = people.filter((person) =>
    PERSON_IDENTIFIERS.some((name) => person[name] === null),
  )
  const known = await findPersonIdentifiers(
    db,
    incomplete.map(({ contactId }) => String(contactId)),
  )
  return people.map((person) => {
    const other = known.get(String(person.contactId))
    if (!other) return person
    const identifiers = PERSON_IDENTIFIERS.map((name) => [
      name,
      person[name] ?? other[name] ?? null,
    ])
    return { ...person, ...(Object.fromEntries(identifiers) as PersonIdentifiers) }
  })
}
