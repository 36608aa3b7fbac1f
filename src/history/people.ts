import { listBeingErased } from '../db/erasure/list.ts'
import { listNameless, readPeople, type Facts, type SomePeople } from '../db/events/people.ts'
import { planPeople, type PeopleFilter, type PeoplePlan } from '../db/events/people-plan.ts'
import type { Outcome } from '../event/outcome.ts'
import { ArchivedPeople } from './archived-people.ts'
import { addFacts, identify, toPerson, type Counted, type Person } from './facts.ts'
import { continueHistory, type History } from './history.ts'
import type { Work } from './work.ts'

/** The people to find: those of some campaigns, by what they did and what they did not. */
export type PeopleQuery = Counted & {
  filter: PeopleFilter
  did: readonly Outcome[]
  didNot: readonly Outcome[]
}

/** Some people, in order of their contacts; `next` is the contact to continue after, null if there are no more. */
export type PeoplePage = { people: Person[]; next: bigint | null }

/** Events without a contact: as many as were found, and whether all were searched. */
export type Nameless = { events: number; complete: boolean }

/** Times that contacts are read for a page, even if few of them are sought. */
const MAX_STEPS = 8

/** Contacts that are read at once, at least, if it is only known then which of them are sought. */
const MIN_CONTACTS = 200

/** Reads the people of campaigns from the database and the archive, page by page. */
export class PeopleReader {
  readonly #history: History
  readonly #query: PeopleQuery
  readonly #plan: PeoplePlan
  readonly #archive: ArchivedPeople | undefined

  private constructor(history: History, query: PeopleQuery, plan: PeoplePlan) {
    this.#history = history
    this.#query = query
    this.#plan = plan
    this.#archive = history.bucket && new ArchivedPeople(history.db, history.bucket, plan)
  }

  /** @throws what D1 throws */
  static async open(
    history: History,
    query: PeopleQuery,
    bounds?: PeoplePlan['bounds'],
  ): Promise<PeopleReader> {
    return new PeopleReader(history, query, await planPeople(history.db, query.filter, bounds))
  }

  /**
   * The next people. A page reads a bounded number of events, so it may be short, or empty, and still have a `next`.
   *
   * @param after the `next` of the page before
   * @throws what D1 throws, and HttpError if the archive cannot be read
   */
  async read(limit: number, after: bigint | undefined): Promise<PeoplePage> {
    const { work } = continueHistory(this.#history)
    const beingErased = await listBeingErased(this.#history.db)
    const people: Person[] = []
    let next: bigint | null | undefined = after
    for (let step = 0; step < MAX_STEPS && next !== null; step++) {
      const page = await this.#step(limit - people.length, next, work)
      people.push(...page.people.filter(({ contactId }) => !beingErased.has(String(contactId))))
      next = page.next
      if (people.length === limit || work.isSpent) break
    }
    return { people: await identify(this.#history.db, people), next: next ?? null }
  }

  async #step(limit: number, after: bigint | undefined, work: Work): Promise<PeoplePage> {
    const { did, didNot, isWithoutMachines, link } = this.#query
    const isSome = isWithoutMachines || link !== undefined
    const contacts = isSome || this.#archive ? Math.max(limit, MIN_CONTACTS) : limit
    const sought = { did, didNot, isSome }
    // First: an event that is moved meanwhile is in the archive before it leaves the database.
    const stored = await readPeople(
      this.#history.db,
      this.#plan,
      after,
      contacts,
      sought,
      this.#archive !== undefined,
    )
    const archived = await this.#readArchive(after, contacts, work)
    const end = earlierEnd(stored.end, archived.end)
    const found = this.#select([stored, archived], end)
    const people = found.slice(0, limit)
    const next = found.length > limit ? (people.at(-1)?.contactId ?? null) : end
    if (next !== null) this.#archive?.drop(next)
    return { people, next }
  }

  async #readArchive(after: bigint | undefined, contacts: number, work: Work): Promise<SomePeople> {
    if (!this.#archive) return { people: [], end: null }
    const end = await this.#archive.advance(after, contacts, work)
    return { people: this.#archive.list(end), end }
  }

  /** The people who are sought, up to and including a contact, in order. */
  #select(parts: readonly SomePeople[], end: bigint | null): Person[] {
    const { did, didNot } = this.#query
    return mergeFacts(parts, end)
      .map((facts) => toPerson(facts, this.#query))
      .filter(
        (person) =>
          did.every((name) => person[name] !== null) &&
          didNot.every((name) => person[name] === null),
      )
  }

  /** Counts the events of the campaigns that have no contact. */
  async countNameless(): Promise<Nameless> {
    const { work } = continueHistory(this.#history)
    const stored = await listNameless(this.#history.db, this.#plan)
    const archived = await this.#archive?.listNameless(work)
    return {
      events: new Set([...stored.ids, ...(archived?.ids ?? [])]).size,
      complete: stored.complete && (archived?.complete ?? true),
    }
  }
}

/** The lesser of two contacts; null is after all of them. */
function earlierEnd(one: bigint | null, other: bigint | null): bigint | null {
  if (one === null || other === null) return one ?? other
  return one < other ? one : other
}

/** The facts of each contact, up to and including one, in order. */
function mergeFacts(parts: readonly SomePeople[], end: bigint | null): Facts[] {
  const merged = new Map<bigint, Facts>()
  for (const facts of parts.flatMap(({ people }) => people)) {
    if (end !== null && facts.contactId > end) continue
    const known = merged.get(facts.contactId)
    if (known) addFacts(known, facts)
    else merged.set(facts.contactId, { ...facts })
  }
  return [...merged.values()].sort((a, b) => (a.contactId < b.contactId ? -1 : 1))
}
