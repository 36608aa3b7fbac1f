import {
  LOOKUP_PARAMETERS,
  normalizeIdentifier,
  type IdentifierName,
} from '../../event/identifier.ts'
import type { FilterName } from '../../event/parameters.ts'
import { deliveryOf } from '../columns.ts'
import type { Condition, Filter } from './filter.ts'
import { findContactIds } from './identifiers.ts'
import { packUuid } from '../write/stored-row.ts'

/** A part of the table to scan for the events of a filter. */
export type ScanPlan = {
  /** The table as a statement names it. */
  table: string
  conditions: Condition[]
  /** Parameters of the filter that the scan has answered. */
  answered: readonly FilterName[]
  /** Whether it is in order of time; otherwise all of it is sorted for each page, from the index alone. */
  isByTime: boolean
}

/** The statuses in the index `activity_rare`. */
const RARE_STATUSES = ['UNDELIVERED', 'SPAM', 'UNSUBSCRIBED', 'SUBSCRIPTION_CHANGED']

/** SQLite uses the partial index only if a statement has its condition verbatim. */
export const IS_RARE = `activityStatus IN (${RARE_STATUSES.map((status) => `'${status}'`).join(', ')})`

/** The maximum number of scan plans of a page; if there are more, the whole table is scanned. */
export const MAX_SCANS = 20

/** Events of a contact to sort; if it has more, the whole table is scanned by time. */
const MAX_SORTED = 5_000

/** The whole table. */
export const EVERYTHING: ScanPlan = {
  table: 'activity',
  conditions: [],
  answered: [],
  isByTime: true,
}

/** The events without a contact. */
const NAMELESS: ScanPlan = {
  table: 'activity INDEXED BY activity_nameless',
  conditions: [{ sql: 'contactId IS NULL', values: [] }],
  answered: [],
  isByTime: true,
}

/** The events of a contact, or of one delivery to it. @param contactId decimal digits */
function ofContact(contactId: string, iid?: string): ScanPlan {
  const conditions = [{ sql: 'contactId = CAST(? AS INTEGER)', values: [contactId] }]
  const ofDelivery = iid === undefined ? [] : [isIid(iid, deliveryOf('activity'))]
  return {
    table: 'activity INDEXED BY activity_by_contact',
    conditions: [...conditions, ...ofDelivery],
    answered: iid === undefined ? ['contactId'] : ['contactId', 'iid'],
    isByTime: false,
  }
}

/** Whether a row has an `iid`, as it is stored. @param column the column, or the index's expression for it */
export function isIid(iid: string, column = 'iid'): Condition {
  const packed = packUuid(iid)
  return packed === undefined
    ? { sql: `${column} = ?`, values: [iid] }
    : { sql: `${column} = unhex(?)`, values: [packed] }
}

function ofStatus(status: string): ScanPlan {
  return {
    table: 'activity INDEXED BY activity_rare',
    conditions: [{ sql: `activityStatus = ? AND ${IS_RARE}`, values: [status] }],
    answered: ['activityStatus'],
    isByTime: true,
  }
}

/** The identifier by which the contacts of a filter are looked up; undefined if it has none. */
export function lookupOf({ parameters }: Filter): (typeof LOOKUP_PARAMETERS)[number] | undefined {
  return LOOKUP_PARAMETERS.find((each) => parameters[each]?.every(isIdentifier(each)))
}

/** The scan plans for a filter: the fewest rows that are certain to include all its events. */
export async function chooseScans(db: D1Database, filter: Filter): Promise<ScanPlan[]> {
  const { contactId, iid, activityStatus } = filter.parameters
  const name = lookupOf(filter)
  let plans: ScanPlan[] = []
  if (contactId) {
    const ids = [...new Set(contactId.map((digits) => String(BigInt(digits))))]
    if (iid) plans = ids.flatMap((id) => [...new Set(iid)].map((each) => ofContact(id, each)))
    else if (await areFew(db, ids)) plans = ids.map((id) => ofContact(id))
    else return [EVERYTHING]
  } else if (name) {
    const ids = await findContactIds(db, name, filter.parameters[name] ?? [], MAX_SCANS)
    if (!(await areFew(db, ids))) return [EVERYTHING]
    plans = [...ids.map((id) => ofContact(id)), NAMELESS]
  } else if (activityStatus?.every((status) => RARE_STATUSES.includes(status))) {
    plans = [...new Set(activityStatus)].map(ofStatus)
  } else return [EVERYTHING]
  return plans.length <= MAX_SCANS ? plans : [EVERYTHING]
}

const isIdentifier = (name: IdentifierName) => (value: string) =>
  isIndexed(value) && normalizeIdentifier(name, value) !== undefined

/** Whether the index has a text: in SQLite's functions, a text ends at a NUL. */
function isIndexed(value: string): boolean {
  return !value.includes('\0')
}

/** Whether each contact has few enough events to sort. */
async function areFew(db: D1Database, contactIds: readonly string[]): Promise<boolean> {
  if (contactIds.length > MAX_SCANS) return false
  const sql = `
    SELECT 1 FROM json_each(?) AS input WHERE EXISTS (
      SELECT 1 FROM activity INDEXED BY activity_by_contact
      WHERE contactId = CAST(input.value AS INTEGER) LIMIT 1 OFFSET ${MAX_SORTED}
    ) LIMIT 1`
  return (await db.prepare(sql).bind(JSON.stringify(contactIds)).first()) === null
}
