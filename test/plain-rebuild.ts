import { KINDS } from '../src/db/reports/totals.ts'
import {
  normalizedIdentifier,
  canonicalChannel,
  suppressedAddress,
  interpret,
} from './plain-meaning.ts'
import type { Responded } from './receiver.ts'

const QUARTER_MS = 900_000
const NAMES = ['email', 'sms', 'externalCustomerId', 'webpush', 'mobilepush']
const CAMPAIGN = [
  'mediaType',
  'messageId',
  'messageName',
  'messageTag',
  'broadcastId',
  'workflowId',
  'from',
  'messageLanguageCode',
  'workflowBlockId',
]
type First = { occurredAt: number; hash: string; bucket: string }

/** Counts events in the simplest way, in any order. */
export class PlainRebuild {
  /** Events and contacts, by campaign, quarter of an hour, status and kind. */
  readonly totals = new Map<string, { events: number; contacts: number }>()
  readonly names = new Set<string>()
  readonly contacts = new Set<unknown>()
  readonly suppressions = new Set<string>()
  readonly #firsts = new Map<string, First>()

  add(response: Responded): void {
    const event = interpret(response)
    const { occurredAt, iid, contactId, activityStatus, hardBounce } = event
    const campaign = CAMPAIGN.map(
      (name) => (name === 'mediaType' ? event.channel : event[name]) ?? null,
    )
    const quarter = Math.floor(occurredAt / QUARTER_MS) * QUARTER_MS
    const isBounce = activityStatus === 'UNDELIVERED' && hardBounce !== undefined
    const hash = event.id.slice(event.id.indexOf('.') + 1)
    const delivery = iid || [...campaign, event['messageInstanceId']]
    const count = (kind: unknown, bucket: string, sign = 1) => {
      if (contactId === undefined) return
      const key = JSON.stringify([contactId, delivery, kind])
      const first = this.#firsts.get(key)
      const isEarlier =
        !first ||
        occurredAt < first.occurredAt ||
        (occurredAt === first.occurredAt && hash < first.hash)
      if (!isEarlier) return
      if (first) this.#count(first.bucket, 'contacts', -sign)
      this.#count(bucket, 'contacts', sign)
      this.#firsts.set(key, { occurredAt, hash, bucket })
    }
    for (const kind of isBounce ? [-1, Number(hardBounce)] : [-1]) {
      const bucket = JSON.stringify([...campaign, quarter, activityStatus, kind])
      this.#count(bucket, 'events', 1)
      count([activityStatus, kind], bucket)
    }
    if (activityStatus === 'DELIVERED' || activityStatus === 'UNDELIVERED') {
      // The first of its status, and not the first attempt.
      const bucket = JSON.stringify([...campaign, quarter, activityStatus, 2])
      count([activityStatus, 'repeated'], bucket)
      count('attempt', bucket, -1)
    }
    this.contacts.add(contactId)
    this.#addIdentifiers(event)
  }

  /**
   * Counts wrong or superfluous totals of events and of contacts. A contact counts twice if its first event was
   * archived before the next arrived.
   */
  countTotals({ totals }: DerivedTables): { events: number; contacts: number } {
    const differences = { events: 0, contacts: 0 }
    for (const bucket of new Set([...this.totals.keys(), ...totals.keys()])) {
      const [counted, stored] = [this.totals.get(bucket), totals.get(bucket)]
      if ((counted?.events ?? 0) !== (stored?.events ?? 0)) differences.events++
      if ((counted?.contacts ?? 0) !== (stored?.contacts ?? 0)) differences.contacts++
    }
    return differences
  }

  /** Counts wrong or superfluous suppressions. */
  countSuppressions({ suppressions }: DerivedTables): number {
    const stored = new Set(suppressions)
    return this.suppressions.symmetricDifference(stored).size + suppressions.length - stored.size
  }

  /** Counts identifiers that are missing or belong to contacts without an event. */
  countIdentifiers({ names }: DerivedTables): number {
    const stray = [...names].filter((name) => !this.contacts.has(contactOf(name)))
    return this.names.difference(names).size + stray.length
  }

  #addIdentifiers(event: ReturnType<typeof interpret>): void {
    const { contactId, activityStatus, hardBounce, channel } = event
    for (const name of NAMES) {
      const key = event[name] && normalizedIdentifier(name, String(event[name]))
      if (contactId !== undefined && key) {
        this.names.add(JSON.stringify([contactId, name, key, event[name]]))
      }
    }
    const isHard = activityStatus === 'UNDELIVERED' && hardBounce === true
    if (!isHard && activityStatus !== 'SPAM' && activityStatus !== 'UNSUBSCRIBED') return
    const reason = isHard ? 'HARD_BOUNCE' : activityStatus
    const address = suppressedAddress(event)
    this.suppressions.add(JSON.stringify([event.id, reason, channel ?? null, ...address]))
  }

  #count(bucket: string, kind: 'events' | 'contacts', by: number): void {
    const counts = this.totals.get(bucket) ?? { events: 0, contacts: 0 }
    counts[kind] += by
    this.totals.set(bucket, counts)
    if (counts.events === 0 && counts.contacts === 0) this.totals.delete(bucket)
  }
}

function contactOf(name: string): unknown {
  return JSON.parse(name)[0]
}

/** The derived tables of the receiver. */
export type DerivedTables = {
  totals: Map<string, { events: number; contacts: number }>
  names: Set<string>
  suppressions: string[]
}

/** Reads the derived tables. */
export async function readDerived(db: D1Database): Promise<DerivedTables> {
  const all = async (sql: string) => await db.prepare(sql).raw<(string | number | null)[]>()
  const totals = new Map<string, { events: number; contacts: number }>()
  const rows = await all(`
    SELECT ${CAMPAIGN.map((name) => `"${name}"`)}, hour, activityStatus, hardBounce,
      events0, contacts0, events1, contacts1, events2, contacts2, events3, contacts3
    FROM totals JOIN campaigns USING (campaign) WHERE hardBounce <> ${KINDS.machines}`)
  for (const row of rows) {
    const hour = Number(row[CAMPAIGN.length])
    const counts = row.slice(CAMPAIGN.length + 3).map(Number)
    for (let quarter = 0; quarter < 4; quarter++) {
      const [events = 0, contacts = 0] = counts.slice(2 * quarter)
      if (events === 0 && contacts === 0) continue
      const campaign = row.slice(0, CAMPAIGN.length)
      const rest = row.slice(CAMPAIGN.length + 1, CAMPAIGN.length + 3)
      const bucket = JSON.stringify([...campaign, hour + quarter * QUARTER_MS, ...rest])
      totals.set(bucket, { events, contacts })
    }
  }
  const names = await all(
    `SELECT contactId, name, key, iif(original = '', key, original) FROM contact_identifiers`,
  )
  const suppressed = await all(
    `SELECT occurredAt || '.' || lower(hex(id)), reason, mediaType, address, addressType FROM suppressions`,
  )
  return {
    totals,
    names: new Set(names.map((row) => JSON.stringify(row))),
    suppressions: suppressed.map(([id, reason, mediaType, ...address]) =>
      JSON.stringify([id, reason, mediaType && canonicalChannel(String(mediaType)), ...address]),
    ),
  }
}
