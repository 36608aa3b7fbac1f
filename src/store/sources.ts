import { LOOKED_UP, normalizeIdentifier, type IdentifierName } from '../activity/identifier.ts'
import type { FilterName } from '../activity/parameters.ts'
import { isUncounted } from './deliveries.ts'
import type { Condition, Filter } from './filter.ts'
import { findDeliveries } from './find-deliveries.ts'
import { findContactIds } from './names.ts'

/**
 * A part of the table that an index gives newest first. What a filter asks for is looked for in one
 * or several of them.
 */
export type Source = {
  /** The table as a statement names it. */
  table: string
  conditions: Condition[]
  /** Parameters of the filter that need not be looked at any more. */
  answered: readonly FilterName[]
}

/** The statuses that `activity_rare` has. */
export const RARE_STATUSES = ['UNDELIVERED', 'SPAM', 'UNSUBSCRIBED', 'SUBSCRIPTION_CHANGED']

/** SQLite takes the partial index only where a statement has its condition, word for word. */
export const IS_RARE = `activityStatus IN (${RARE_STATUSES.map((status) => `'${status}'`).join(', ')})`

/** A page reads from no more than so many places; beyond that the whole table is gone through. */
export const MAX_SOURCES = 20

/** The whole table. */
export const EVERYTHING: Source = { table: 'activity', conditions: [], answered: [] }

/** The events of one contact, or with null those that name none. */
function ofContact(contactId: string | null, answered: readonly FilterName[] = []): Source {
  return {
    table: 'activity INDEXED BY activity_by_contact',
    conditions: [
      contactId === null
        ? { sql: 'contactId IS NULL', values: [] }
        : { sql: 'contactId = CAST(? AS INTEGER)', values: [contactId] },
    ],
    answered,
  }
}

function ofStatus(status: string): Source {
  return {
    table: 'activity INDEXED BY activity_rare',
    conditions: [{ sql: `activityStatus = ? AND ${IS_RARE}`, values: [status] }],
    answered: ['activityStatus'],
  }
}

/** Where to look for what a filter asks for: the fewest rows that are sure to hold all of it. */
export async function chooseSources(db: D1Database, filter: Filter): Promise<Source[]> {
  const { contactId, iid, activityStatus } = filter.parameters
  const name = LOOKED_UP.find((each) => filter.parameters[each]?.every(isIdentifier(each)))
  let sources: Source[] = []
  if (contactId) {
    const ids = new Set(contactId.map((digits) => String(BigInt(digits))))
    sources = [...ids].map((id) => ofContact(id, ['contactId']))
  } else if (iid && iid.length <= MAX_SOURCES && iid.every(isIndexed)) {
    if (await isUncounted(db)) return [EVERYTHING]
    sources = await findByDelivery(db, iid)
  } else if (name) {
    if (await isUncounted(db)) return [EVERYTHING]
    const found = await findContactIds(db, name, filter.parameters[name] ?? [], MAX_SOURCES)
    sources = [...found, null].map((id) => ofContact(id))
  } else if (activityStatus?.every((status) => RARE_STATUSES.includes(status))) {
    sources = [...new Set(activityStatus)].map(ofStatus)
  } else return [EVERYTHING]
  return sources.length <= MAX_SOURCES ? sources : [EVERYTHING]
}

const isIdentifier = (name: IdentifierName) => (value: string) =>
  isIndexed(value) && normalizeIdentifier(name, value) !== undefined

/** SQLite's functions see a text end at a NUL, so one that has it is in no index. */
function isIndexed(value: string): boolean {
  return !value.includes('\0')
}

async function findByDelivery(db: D1Database, iids: readonly string[]): Promise<Source[]> {
  const sources: Source[] = []
  const contacts = new Set<string>()
  const times = new Set<number>()
  for (const iid of new Set(iids)) {
    for (const place of await findDeliveries(db, iid)) {
      if ('contactId' in place) contacts.add(place.contactId)
      else times.add(place.occurredAt)
    }
  }
  for (const id of contacts) sources.push(ofContact(id))
  if (times.size > 0) {
    const source = ofContact(null)
    const values = [JSON.stringify([...times])]
    source.conditions.push({ sql: 'occurredAt IN (SELECT value FROM json_each(?))', values })
    sources.push(source)
  }
  return sources
}
