import { keyOfFile } from '../db/archive/files.ts'
import { listReadable, MAX_READABLE, type ReadableFile } from '../db/archive/readable.ts'
import { CAMPAIGN_COLUMNS, INTEGERS } from '../db/columns.ts'
import { MAX_LINK, PERSON_IDENTIFIERS, type Facts } from '../db/events/people.ts'
import type { Filter } from '../db/events/filter.ts'
import type { PeoplePlan } from '../db/events/people-plan.ts'
import type { StoredEvent } from '../db/stored-event.ts'
import { QUARTER_MS } from '../event/clock.ts'
import { exactNumber } from '../event/exact-number.ts'
import { OUTCOME_STATUSES } from '../event/outcome.ts'
import type { Cell } from '../parquet/chunk.ts'
import { addMilestones, greater, noFacts } from './facts.ts'
import {
  contactsIn,
  mayHave,
  mayHaveNameless,
  openGroups,
  readAhead,
  readCells,
  type Columns,
  type Group,
} from './groups.ts'
import { matcherOf, type Matcher } from './matcher.ts'
import { orUnavailable } from './unavailable.ts'
import { tooLarge, type Work } from './work.ts'

type Column = keyof StoredEvent

/** The columns of events that match. */
const FACT_COLUMNS: readonly Column[] = [
  'id',
  'occurredAt',
  'activityStatus',
  'hardBounce',
  'clickEventLink',
  'iid',
  'messageInstanceId',
  ...PERSON_IDENTIFIERS,
]

/** The groups of a file whose bytes are in memory at the same time. */
const GROUPS_AHEAD = 4

/** A file that is read in order of contacts. */
type Source = {
  file: ReadableFile
  /** The groups left to read; undefined before it is opened. */
  groups: Group[] | undefined
  /** The first of them, read ahead. */
  ahead: Group[]
  /** No contact left to read is less. */
  next: bigint
}

/** Reads what the archive has of the people of a plan, in order of their contacts. */
export class ArchivedPeople {
  readonly #db: D1Database
  readonly #bucket: R2Bucket
  readonly #plan: PeoplePlan
  readonly #matcher: Matcher
  readonly #columns: readonly Column[]
  readonly #quarters: ReadonlySet<number> | undefined
  #files = ''
  #sources: Source[] = []
  /** The contacts that were read and not taken yet. */
  readonly #found = new Map<string, Facts>()
  #after: bigint | undefined

  constructor(db: D1Database, bucket: R2Bucket, plan: PeoplePlan) {
    this.#db = db
    this.#bucket = bucket
    this.#plan = plan
    // One reasoned cast: a filter of campaigns has no undefined values.
    const campaigns = plan.filter.campaigns as Filter['parameters']
    this.#matcher = matcherOf({ parameters: { ...campaigns, activityStatus: OUTCOME_STATUSES } })
    this.#columns = [...new Set<Column>(['contactId', ...this.#matcher.columns, ...FACT_COLUMNS])]
    this.#quarters = plan.quarters && new Set(plan.quarters)
  }

  /**
   * Reads until some contacts are complete, or the work is too much for one request.
   *
   * @param after the contact to continue after
   * @param limit of contacts
   * @returns the last contact that is complete; null if all are
   * @throws what D1 throws, and HttpError if a file cannot be read, or it is far too much work
   */
  async advance(after: bigint | undefined, limit: number, work: Work): Promise<bigint | null> {
    await this.#open(after)
    let [first] = this.#sources
    const start = after ?? (first?.next ?? 0n) - 1n
    while (first) {
      const end = first.next - 1n
      if (this.#countUntil(end) >= limit || (end > start && work.isSpent)) return end
      const last = lastOf(first)
      const batch = this.#sources.filter(({ next }) => next <= last).slice(0, work.parallel)
      await Promise.all(batch.map((source) => this.#advance(source, after, work)))
      this.#sources = this.#sources.filter(({ groups }) => groups?.length !== 0).sort(byContact)
      first = this.#sources[0]
    }
    return null
  }

  /** What was read of contacts, up to and including one; null for all. */
  list(end: bigint | null): Facts[] {
    return [...this.#found.values()].filter(({ contactId }) => end === null || contactId <= end)
  }

  /** Drops contacts that are done. @param end the last of them */
  drop(end: bigint): void {
    for (const { contactId } of this.list(end)) this.#found.delete(String(contactId))
    this.#after = end
  }

  /** Starts at a contact, unless that is where it is, and the files are the same. */
  async #open(after: bigint | undefined): Promise<void> {
    const files = await listFiles(this.#db, this.#plan)
    const keys = files.map(keyOfFile).join()
    if (keys === this.#files && after === this.#after) return
    this.#files = keys
    this.#after = after
    this.#found.clear()
    this.#sources = files.flatMap((file): Source[] => {
      const { minContact, maxContact } = file
      if (minContact === null || maxContact === null) return []
      if (after !== undefined && BigInt(maxContact) <= after) return []
      return [{ file, groups: undefined, ahead: [], next: BigInt(minContact) }]
    })
    this.#sources.sort(byContact)
  }

  #countUntil(end: bigint): number {
    let contacts = 0
    for (const { contactId } of this.#found.values()) if (contactId <= end) contacts++
    return contacts
  }

  /** Opens a file, or reads its next group. */
  async #advance(source: Source, after: bigint | undefined, work: Work): Promise<void> {
    const key = keyOfFile(source.file)
    if (source.groups) {
      await orUnavailable(key, this.#readNext(source, source.groups, after, work))
    } else {
      const all = await orUnavailable(key, openGroups(this.#bucket, source.file, work))
      source.groups = all
        .filter((group) => this.#mayHave(group, after))
        .map((group) => this.#slim(group))
    }
    const [next] = source.groups ?? []
    const contacts = next && contactsIn(next)
    if (contacts) source.next = contacts.first
  }

  #mayHave(group: Group, after: bigint | undefined): boolean {
    const contacts = contactsIn(group)
    if (!contacts || (after !== undefined && contacts.last <= after)) return false
    return mayHave(group, { contacts: undefined, spans: this.#plan.spans })
  }

  /** A group without the columns that are never read: a file may have a thousand groups. */
  #slim(group: Group): Group {
    const names = new Set<string>([...this.#columns, ...CAMPAIGN_COLUMNS])
    const columns = group.rowGroup.columns.filter(({ meta_data: meta }) =>
      names.has(meta?.path_in_schema[0] ?? ''),
    )
    return { ...group, rowGroup: { ...group.rowGroup, columns } }
  }

  async #readNext(
    source: Source,
    groups: Group[],
    after: bigint | undefined,
    work: Work,
  ): Promise<void> {
    if (source.ahead.length === 0) {
      source.ahead = await readAhead(groups.slice(0, GROUPS_AHEAD), this.#columns)
    }
    groups.shift()
    const group = source.ahead.shift()
    if (group) await this.#readGroup(group, after, work)
  }

  async #readGroup(group: Group, after: bigint | undefined, work: Work): Promise<void> {
    const { matched, contactIds } = await this.#findRows(group, work)
    const rows = matched.filter((row) => {
      const contactId = contactIds[row] ?? null
      return contactId !== null && (after === undefined || BigInt(contactId) > after)
    })
    work.addCells(rows.length * FACT_COLUMNS.length)
    if (rows.length === 0) return
    const columns = await readCells(group, FACT_COLUMNS, rows)
    const campaigns = await readCampaigns(group, columns, rows)
    for (const [index, row] of rows.entries()) {
      const cell = (name: Column) => columns.get(name)?.[index] ?? null
      const facts = this.#factsOf(contactIds[row] ?? null)
      addEvent(facts, cell, campaigns?.(index) ?? '')
    }
  }

  /** The rows of a group that match, and the contact of each of its rows. */
  async #findRows(
    group: Group,
    work: Work,
  ): Promise<{ matched: number[]; contactIds: readonly Cell[] }> {
    const names = [...new Set<Column>(['occurredAt', 'contactId', ...this.#matcher.columns])]
    work.addCells(group.rows * names.length)
    const columns = await readCells(group, names)
    const times = columns.get('occurredAt') ?? []
    const matched = [...times.keys()].filter((row) => {
      if (!this.#isInTime(Number(times[row]))) return false
      const cells: Record<string, Cell> = {}
      for (const [name, column] of columns) cells[name] = column[row] ?? null
      return this.#matcher.test(cells)
    })
    return { matched, contactIds: columns.get('contactId') ?? [] }
  }

  #isInTime(occurredAt: number): boolean {
    const { since = -Infinity, until = Infinity } = this.#plan.filter
    if (occurredAt < since || occurredAt >= until) return false
    return this.#quarters?.has(Math.floor(occurredAt / QUARTER_MS) * QUARTER_MS) ?? true
  }

  #factsOf(contactId: Cell): Facts {
    const key = String(contactId)
    const known = this.#found.get(key)
    if (known) return known
    const facts = noFacts(BigInt(key))
    this.#found.set(key, facts)
    return facts
  }

  /**
   * The IDs of archived events without a contact: all, or as many as the work of one request.
   *
   * @returns `complete` is whether these are all
   */
  async listNameless(work: Work): Promise<{ ids: string[]; complete: boolean }> {
    const files = await listFiles(this.#db, this.#plan)
    const ids: string[] = []
    for (const file of files.filter(({ withoutContact }) => withoutContact > 0)) {
      if (work.isSpent) return { ids, complete: false }
      ids.push(...(await orUnavailable(keyOfFile(file), this.#findNameless(file, work))))
    }
    return { ids, complete: !work.isSpent }
  }

  async #findNameless(file: ReadableFile, work: Work): Promise<string[]> {
    const all = await openGroups(this.#bucket, file, work)
    const sought = { contacts: undefined, spans: this.#plan.spans }
    const ids: string[] = []
    for (const group of all.filter((each) => mayHaveNameless(each) && mayHave(each, sought))) {
      if (work.isSpent) return ids
      const [ahead = group] = await readAhead([group], this.#columns)
      const { matched, contactIds } = await this.#findRows(ahead, work)
      const rows = matched.filter((row) => (contactIds[row] ?? null) === null)
      const columns = await readCells(ahead, ['id'], rows)
      ids.push(...(columns.get('id') ?? []).map(String))
    }
    return ids
  }
}

function byContact(a: Source, b: Source): number {
  return a.next < b.next ? -1 : Number(a.next > b.next)
}

/** The last contact of what is read next of a file. */
function lastOf({ file, groups, next }: Source): bigint {
  const [group] = groups ?? []
  if (group) return contactsIn(group)?.last ?? next
  return BigInt(file.maxContact ?? next)
}

async function listFiles(db: D1Database, { spans }: PeoplePlan): Promise<ReadableFile[]> {
  const [first, last] = [spans[0], spans.at(-1)]
  if (!first || !last) return []
  const files = await listReadable(db, { first: first.since, last: last.until - 1 }, undefined)
  if (files.length === MAX_READABLE) throw tooLarge()
  return files
}

/** Adds an event to the facts of its contact. @param campaign its key, if it has no `iid` */
function addEvent(facts: Facts, cell: (name: Column) => Cell, campaign: string): void {
  const activityStatus = String(cell('activityStatus'))
  const occurredAt = Number(cell('occurredAt'))
  addMilestones(facts, activityStatus, cell('hardBounce') === 1, occurredAt)
  for (const name of PERSON_IDENTIFIERS) facts[name] = greater(facts[name], textOf(cell(name)))
  if (activityStatus !== 'READ' && activityStatus !== 'CLICKED') return
  const link = cell('clickEventLink')
  facts.engagements.push({
    id: String(cell('id')),
    occurredAt,
    activityStatus,
    delivery: textOf(cell('iid')) ?? `${campaign}${cell('messageInstanceId') ?? ''}`,
    clickEventLink: link === null ? null : String(link).slice(0, MAX_LINK),
  })
}

/** A text; null if it is empty. */
function textOf(cell: Cell): string | null {
  return cell === null || cell === '' ? null : String(cell)
}

/** The keys of the campaigns of rows without an `iid`, by their index; undefined if all have one. */
async function readCampaigns(
  group: Group,
  columns: Columns,
  rows: readonly number[],
): Promise<((index: number) => string) | undefined> {
  const iids = columns.get('iid') ?? []
  if (!rows.some((_, index) => textOf(iids[index] ?? null) === null)) return undefined
  const campaigns = await readCells(group, CAMPAIGN_COLUMNS, rows)
  return (index) =>
    JSON.stringify(
      CAMPAIGN_COLUMNS.map((name) => {
        const cell = campaigns.get(name)?.[index] ?? null
        return cell !== null && INTEGERS.has(name) ? exactNumber(String(cell)) : cell
      }),
    )
}
