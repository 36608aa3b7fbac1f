import {
  isEngagement,
  MILESTONES,
  OUTCOMES,
  type Milestone,
  type Outcome,
} from '../../event/outcome.ts'
import { valueOf } from '../columns.ts'
import { allOf, occurredIn, valuesOf, where, type Condition } from './filter.ts'
import { inCampaigns, inQuarters, IS_OUTCOME, OF_SPANS, type PeoplePlan } from './people-plan.ts'

/** The identifiers of a person, of which one each is told. */
export const PERSON_IDENTIFIERS = ['email', 'sms', 'externalCustomerId'] as const

export type PersonIdentifiers = { [Name in (typeof PERSON_IDENTIFIERS)[number]]: string | null }

/** A READ or CLICKED. */
export type Engagement = {
  id: string
  /** UTC milliseconds. */
  occurredAt: number
  activityStatus: string
  /** The same for all events of a delivery. */
  delivery: string
  clickEventLink: string | null
}

/** What the events of one contact say: the first time of each milestone, UTC milliseconds. */
export type Facts = { contactId: bigint } & { [Name in Milestone]: number | null } & {
  engagements: Engagement[]
} & PersonIdentifiers

/** Outcomes that the database can decide: all of one list, and none of the other. */
export type Sought = {
  did: readonly Outcome[]
  didNot: readonly Outcome[]
  /** Whether a READ or CLICKED may turn out not to count. */
  isSome: boolean
}

/** Events without a contact to go through. */
const MAX_NAMELESS = 5_000

/** Characters of a link; no more distinguish links. */
export const MAX_LINK = 2_000

/** Some people, in order of their contacts, complete up to and including the contact `end`; null if they are all. */
export type SomePeople = { people: Facts[]; end: bigint | null }

/**
 * Reads what the database has of the next contacts.
 *
 * @param after the contact to continue after
 * @param limit of contacts
 * @param sought if these are all events, contacts that it excludes are left out
 * @param hasArchive whether the archive may have others
 */
export async function readPeople(
  db: D1Database,
  plan: PeoplePlan,
  after: bigint | undefined,
  limit: number,
  sought: Sought,
  hasArchive: boolean,
): Promise<SomePeople> {
  const last = plan.isShort ? null : await findLast(db, plan, after)
  const source = plan.isShort ? fromTime(plan, after) : fromContacts(plan, after, last)
  const own = [{ sql: IS_OUTCOME, values: [] }, ...occurredIn(plan.filter), ...inCampaigns(plan)]
  const having = havingOf(plan, sought, hasArchive)
  const { results } = await db
    .prepare(
      `SELECT CAST(contact AS TEXT) AS contactId, ${FACTS}
       FROM ${source.sql} ${where(own)} GROUP BY contact ${having.sql} ORDER BY contact
       LIMIT ${limit + 1}`,
    )
    .bind(...source.values, ...valuesOf(own), ...having.values)
    .all<FactsRow>()
  const people = results.slice(0, limit).map(toFacts)
  const isCut = results.length > limit
  return { people, end: isCut ? (people.at(-1)?.contactId ?? null) : last }
}

type FactsRow = Omit<Facts, 'contactId' | 'engagements'> & {
  contactId: string
  engagements: string
}

const IS_ENGAGEMENT = `activityStatus IN ('READ', 'CLICKED')`

/** Without an `iid`, events of one instance of a campaign are one delivery. */
const DELIVERY = `CASE WHEN iid IS NULL OR iid = ''
  THEN (SELECT key FROM campaigns WHERE campaigns.campaign = activity.campaign) || coalesce(messageInstanceId, '')
  ELSE ${valueOf('iid')} END`

const ENGAGEMENT = `json_array(
  ${valueOf('id')}, occurredAt, activityStatus, ${DELIVERY}, substr(clickEventLink, 1, ${MAX_LINK})
)`

function conditionOf(name: Outcome): string {
  const { status, isHard } = OUTCOMES[name]
  return `activityStatus = '${status}'${isHard ? ' AND hardBounce = 1' : ''}`
}

const FACTS = [
  ...MILESTONES.map((name) => `min(iif(${conditionOf(name)}, occurredAt, NULL)) AS ${name}`),
  ...PERSON_IDENTIFIERS.map((name) => `max(nullif(activity.${name}, '')) AS ${name}`),
  `json_group_array(${ENGAGEMENT}) FILTER (WHERE ${IS_ENGAGEMENT}) AS engagements`,
].join(', ')

function toFacts({ contactId, engagements, ...others }: FactsRow): Facts {
  // One reasoned cast: the statement made it.
  const found = JSON.parse(engagements) as [string, number, string, string, string | null][]
  return {
    ...others,
    contactId: BigInt(contactId),
    engagements: found.map(([id, occurredAt, activityStatus, delivery, clickEventLink]) => {
      return { id, occurredAt, activityStatus, delivery, clickEventLink }
    }),
  }
}

/** @param column of contacts, as a statement names it */
function rangeOf(column: string, after: bigint | undefined, last: bigint | null): Condition[] {
  const conditions: Condition[] = [{ sql: `${column} IS NOT NULL`, values: [] }]
  const limits = (comparison: string, contact: bigint) => {
    const sql = `${column} ${comparison} CAST(? AS INTEGER)`
    conditions.push({ sql, values: [String(contact)] })
  }
  if (after !== undefined) limits('>', after)
  if (last !== null) limits('<=', last)
  return conditions
}

/** All events of the plan's time. */
function fromTime({ spans }: PeoplePlan, after: bigint | undefined): Condition {
  // The plus keeps SQLite from looking for contacts by index.
  const range = rangeOf('+contactId', after, null)
  return {
    sql: `(SELECT +contactId AS contact, activity.* FROM ${OF_SPANS} ${where(range)}) AS activity`,
    values: [JSON.stringify(spans), ...valuesOf(range)],
  }
}

/** All events of contacts in the plan's time, in order of the contacts. */
function fromContacts(plan: PeoplePlan, after: bigint | undefined, last: bigint | null): Condition {
  const conditions = [
    ...rangeOf('contactId', after, last),
    { sql: IS_OUTCOME, values: [] },
    ...occurredIn(plan.filter),
    ...inQuarters(plan),
  ]
  return {
    sql: `(
      SELECT contactId AS contact, occurredAt, id
      FROM activity INDEXED BY activity_by_contact ${where(conditions)}
    ) CROSS JOIN activity USING (occurredAt, id)`,
    values: valuesOf(conditions),
  }
}

/** The last contact of a step; null if all others are part of it. */
async function findLast(
  db: D1Database,
  { bounds }: PeoplePlan,
  after: bigint | undefined,
): Promise<bigint | null> {
  const range = rangeOf('contactId', after, null)
  const last = await db
    .prepare(
      `SELECT CAST(contactId AS TEXT) AS last FROM activity INDEXED BY activity_by_contact
       ${where(range)} ORDER BY contactId LIMIT 1 OFFSET ${bounds.ofContacts}`,
    )
    .bind(...valuesOf(range))
    .first<string>('last')
  return last === null ? null : BigInt(last)
}

/** The outcomes that are certain by the events of the database; if the archive has other events, none is. */
function havingOf(
  { spans }: PeoplePlan,
  { did, didNot, isSome }: Sought,
  hasArchive: boolean,
): Condition {
  const excluded = didNot.filter((name) => !isSome || !isEngagement(name))
  const conditions = [
    ...did.map((name) => `${countOf(name)} > 0`),
    ...excluded.map((name) => `${countOf(name)} = 0`),
  ]
  if (conditions.length === 0) return { sql: '', values: [] }
  const decided = conditions.join(' AND ')
  const [first, last] = [spans[0]?.since ?? 0, spans.at(-1)?.until ?? 0]
  if (!hasArchive) return { sql: `HAVING ${decided}`, values: [] }
  return {
    sql: `HAVING ${decided} OR EXISTS (
      SELECT 1 FROM archive
      WHERE state IN ('written', 'done') AND events > 0 AND lastAt >= ? AND firstAt < ?
    )`,
    values: [first, last],
  }
}

const countOf = (name: Outcome) => `count(*) FILTER (WHERE ${conditionOf(name)})`

/**
 * The IDs of the plan's events without a contact: all, or the newest `MAX_NAMELESS` are searched.
 *
 * @returns `complete` is whether all were
 */
export async function listNameless(
  db: D1Database,
  plan: PeoplePlan,
): Promise<{ ids: string[]; complete: boolean }> {
  const range = [
    { sql: 'contactId IS NULL', values: [] },
    ...occurredIn(plan.filter),
    ...inQuarters(plan),
  ]
  const matching = [{ sql: IS_OUTCOME, values: [] }, ...inCampaigns(plan)]
  const found = await db
    .prepare(
      `SELECT count(*) AS scanned,
         json_group_array(${valueOf('id')}) FILTER (WHERE ${allOf(matching)}) AS ids
       FROM (
         SELECT occurredAt, id FROM activity INDEXED BY activity_nameless ${where(range)}
         ORDER BY occurredAt DESC, id DESC LIMIT ${MAX_NAMELESS + 1}
       ) CROSS JOIN activity USING (occurredAt, id)`,
    )
    .bind(...valuesOf(matching), ...valuesOf(range))
    .first<{ scanned: number; ids: string }>()
  // One reasoned cast: the statement made it.
  const ids = JSON.parse(found?.ids ?? '[]') as string[]
  return { ids, complete: (found?.scanned ?? 0) <= MAX_NAMELESS }
}

/** One identifier of each kind of some contacts, as any event had it. @param contactIds decimal digits */
export async function findPersonIdentifiers(
  db: D1Database,
  contactIds: readonly string[],
): Promise<Map<string, Partial<PersonIdentifiers>>> {
  const known = new Map<string, Partial<PersonIdentifiers>>()
  if (contactIds.length === 0) return known
  const { results } = await db
    .prepare(
      `SELECT input.value AS contactId, name,
         max(iif(original = '', contact_identifiers.key, original)) AS identifier
       FROM json_each(?) AS input
       CROSS JOIN contact_identifiers ON contactId = CAST(input.value AS INTEGER)
       WHERE name IN (${PERSON_IDENTIFIERS.map((name) => `'${name}'`).join(', ')})
       GROUP BY input.value, name`,
    )
    .bind(JSON.stringify(contactIds))
    .all<{ contactId: string; name: keyof PersonIdentifiers; identifier: string }>()
  for (const { contactId, name, identifier } of results) {
    known.set(contactId, { ...known.get(contactId), [name]: identifier })
  }
  return known
}
