import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { parseExactly } from '../../../src/event/exact-number.ts'
import type { Random } from '../../../src/simulator/random.ts'
import type { Element } from '../../../src/simulator/traffic.ts'
import type { Responded } from '../../receiver.ts'
import { rebuild } from '../../rebuild.ts'

/** Everything that happened and is the same in all that Yespo reports of it. Times are UTC milliseconds. */
export type Entry = {
  readonly key: string
  /** How often it happened. */
  happened: number
  /** How many of these a webhook was told to be accepted. */
  accepted: number
  /** Those that the webhook never reports, and the API does. */
  unnotified: number
  readonly at: number
  readonly contactId: string | undefined
  /** When it happened, and when it would have by the wrong zone. */
  readonly times: number[]
  /** The zones that were set when a webhook sent it. */
  readonly sentIn: Set<string>
  readonly ids: Set<string>
}

/** A single event that happened. */
export type Happening = {
  readonly entry: Entry
  readonly element: Element
  isAccepted: boolean
}

/** An event that is stored, in the database or in so many files of the archive. */
type Stored = {
  entry: Entry
  origin: unknown
  inDatabase: boolean
  files: number
  /** How it came, in the database, and in the archive: these differ if it came in again when it was archived. */
  envelope: string
  archivedEnvelope: string
}

export type Erasure = {
  contactId: string
  email: string | undefined
  /** When it was requested, and when that was confirmed. */
  since: number
  confirmedAt: number
}

/** An invalid item: as it is quarantined. */
export type Item = { name: string; isAccepted: boolean }

/** What is wrong. */
export class Violation extends Error {
  override name = 'Violation'
}

/** The books on everything that Yespo reported, and where the receiver has it. */
export class Ledger {
  readonly counts = {
    happened: 0,
    accepted: 0,
    stored: 0,
    erased: 0,
    invalid: 0,
    twiceByZone: 0,
    onlyInApi: 0,
    filled: 0,
  }
  /** Whether the setting has always been the zone of the account. */
  hasOneZone = true
  /** The zone that is set. */
  zone = ''
  /** What a local time means, and what it would mean in the wrong zone. */
  toMoments: (local: string, at: number) => number[]
  /** Called when an event is stored that was not. */
  onStored: (id: string, entry: Entry, responded: Responded) => void = () => {}
  /** Called when an event is stored nowhere any more. */
  onGone: (id: string) => void = () => {}
  readonly #entries = new Map<string, Entry>()
  readonly #common = new Map<string, Entry>()
  readonly #stored = new Map<string, Stored>()
  readonly #pending = new Set<Entry>()
  readonly #unnotified = new Set<Entry>()
  readonly #byContact = new Map<string, Set<Entry>>()
  readonly #emails = new Map<string, string>()
  readonly #erasures = new Map<string, Erasure>()
  readonly #files = new Map<string, readonly string[]>()
  readonly #items = new Map<string, Item>()
  readonly #pendingItems = new Set<Item>()

  constructor(toMoments: Ledger['toMoments']) {
    this.toMoments = toMoments
  }

  get erasures(): ReadonlyMap<string, Erasure> {
    return this.#erasures
  }

  /** Keeps an event. @param at UTC milliseconds */
  happen(element: Element, at: number): Happening {
    this.counts.happened++
    const sent = parseExactly(element.bytes.toString()) as Record<string, unknown>
    const key = digest(canonical(sent))
    const known = this.#entries.get(key)
    const contactId = sent['contactId'] === undefined ? undefined : String(sent['contactId'])
    const entry: Entry = known ?? {
      key,
      happened: 0,
      accepted: 0,
      unnotified: 0,
      at,
      contactId,
      times: [],
      sentIn: new Set(),
      ids: new Set(),
    }
    entry.happened++
    this.#addTimes(entry, sent)
    if (!known) {
      this.#entries.set(key, entry)
      if (contactId !== undefined) this.#addOfContact(contactId, entry)
      const { email } = sent
      if (contactId !== undefined && typeof email === 'string') this.#emails.set(contactId, email)
    }
    return { entry, element, isAccepted: false }
  }

  #addTimes(entry: Entry, sent: Record<string, unknown>): void {
    for (const time of this.toMoments(String(sent['activityDateTime']), entry.at)) {
      if (entry.times.includes(time)) continue
      entry.times.push(time)
      this.#common.set(nameCommon(sent, time), entry)
    }
  }

  /** Keeps that a webhook sends these while the present zone is set. */
  send(happenings: readonly Happening[]): void {
    for (const { entry } of happenings) entry.sentIn.add(this.zone)
  }

  /** Keeps that no webhook will report an event. */
  expectFromApi({ entry }: Happening): void {
    entry.unnotified++
    this.counts.onlyInApi++
    this.#unnotified.add(entry)
  }

  /** Checks that what no webhook reported was filled in from the API. @param isLeftOut by the time it happened */
  checkGaps(isLeftOut: (at: number) => boolean): void {
    const gaps = [...this.#unnotified].filter(
      (entry) =>
        entry.ids.size < entry.happened && !this.#mayBeErased(entry) && !isLeftOut(entry.at),
    )
    this.counts.filled = [...this.#unnotified].filter(({ ids }) => ids.size > 0).length
    const [gap] = gaps
    if (gap) {
      throw new Violation(
        `${gaps.length} events that only the API has are missing, one of ${new Date(gap.at).toISOString()}`,
      )
    }
  }

  /** Keeps that a webhook got 200 for these. */
  accept(happenings: readonly Happening[]): void {
    for (const happening of happenings) {
      if (happening.isAccepted) continue
      happening.isAccepted = true
      happening.entry.accepted++
      this.counts.accepted++
      this.#reviewPending(happening.entry)
    }
  }

  /** Keeps invalid elements of a body: they are quarantined as they are. */
  expectItems(elements: readonly Element[]): Item[] {
    return elements
      .filter(({ isPoison }) => isPoison)
      .map(({ bytes }) => {
        const name = isUtf8(bytes)
          ? nameItem('element', bytes.toString())
          : nameItem('bytes', bytes.toString('latin1'))
        const item = this.#items.get(name) ?? { name, isAccepted: false }
        if (!this.#items.has(name)) this.counts.invalid++
        this.#items.set(name, item)
        return item
      })
  }

  acceptItems(items: readonly Item[]): void {
    for (const item of items) {
      if (!item.isAccepted) this.#pendingItems.add(item)
      item.isAccepted = true
    }
  }

  /** Something is in quarantine. @param kind what was quarantined */
  findItem(kind: string, sent: string): void {
    const item = this.#items.get(nameItem(kind, sent))
    if (!item)
      throw new Violation(`something valid was quarantined: ${kind} of ${sent.length} characters`)
    this.#pendingItems.delete(item)
  }

  /** An event came into the database. */
  insert(id: string, responded: Responded): void {
    const entry = this.find(responded)
    if (!entry) throw new Violation(`${id} is not what was sent: ${JSON.stringify(responded)}`)
    if (responded.occurredAt !== (this.hasOneZone ? entry.times[0] : responded.occurredAt)) {
      throw new Violation(
        `${id} did not happen at ${responded.occurredAt}, but at ${entry.times[0]}`,
      )
    }
    if (this.#isErased(entry)) throw new Violation(`${id} of an erased contact was stored`)
    const stored = this.#stored.get(id) ?? this.#makeStored(entry, responded)
    if (stored.entry !== entry) throw new Violation(`${id} has changed`)
    stored.inDatabase = true
    stored.envelope = envelopeOf(responded)
    this.#stored.set(id, stored)
    this.#keep(id, entry, responded)
  }

  /** An event of the database was written again. */
  update(id: string, responded: Responded): void {
    const stored = this.#stored.get(id)
    if (this.find(responded) !== stored?.entry || envelopeOf(responded) !== stored?.envelope)
      throw new Violation(`${id} was altered`)
  }

  /** An event is gone from the database. */
  remove(id: string): void {
    const stored = this.#stored.get(id)
    if (!stored?.inDatabase) throw new Violation(`${id} was deleted, but never stored`)
    stored.inDatabase = false
    this.#forget(id, stored, 'was deleted and is not in the archive')
  }

  /** A file is in the archive. */
  putFile(key: string, rows: readonly { id: string; responded: Responded }[]): void {
    const ids = rows.map(({ id, responded }) => {
      const stored = this.#stored.get(id)
      const entry = this.find(responded)
      if (!entry || (stored && stored.entry !== entry))
        throw new Violation(`${id} was altered in ${key}`)
      if (this.#isErased(entry) && !stored)
        throw new Violation(`${id} of an erased contact is in ${key}`)
      const kept = stored ?? this.#makeStored(entry, responded)
      const envelope = envelopeOf(responded)
      if (envelope !== (kept.files > 0 ? kept.archivedEnvelope : kept.envelope))
        throw new Violation(`${id} came in another way by ${key}`)
      kept.archivedEnvelope = envelope
      kept.files++
      this.#stored.set(id, kept)
      this.#keep(id, entry, responded)
      return id
    })
    if (new Set(ids).size < ids.length) throw new Violation(`${key} has an event twice`)
    const before = this.#files.get(key)
    this.#files.set(key, ids)
    if (before) this.#leave(key, before)
  }

  /** A file is gone from the archive. */
  deleteFile(key: string): void {
    const ids = this.#files.get(key)
    this.#files.delete(key)
    if (ids) this.#leave(key, ids)
  }

  /** Checks that the archive's table has events that are gone from the database. @param keys of its files */
  checkMoved(moved: readonly string[], keys: readonly string[]): void {
    const found = new Set(keys.flatMap((key) => this.#files.get(key) ?? []))
    for (const id of moved) {
      const stored = this.#stored.get(id)
      if (stored && !stored.inDatabase && !found.has(id) && !this.#mayBeErased(stored.entry))
        throw new Violation(`${id} was deleted before the archive's table had it`)
    }
  }

  /** Checks what any reader of the archive's table finds: each event that is not in the database, once. */
  checkTable(keys: readonly string[]): void {
    const ids = keys.flatMap((key) => this.#files.get(key) ?? [])
    const found = new Set(ids)
    if (found.size < ids.length)
      throw new Violation(`the archive's table has ${ids.length - found.size} events twice`)
    const missing = [...this.#stored].filter(
      ([id, { inDatabase }]) => !inDatabase && !found.has(id),
    )
    if (missing.length > 0)
      throw new Violation(
        `the archive's table lacks ${missing.length} events, first ${missing[0]?.[0]}`,
      )
  }

  /** Whoever asked for an erasure may see it done from now on. */
  beginErasure(contactId: string, email: string | undefined, now: number): void {
    const known = this.#erasures.get(contactId)
    const since = known?.since ?? now
    this.#erasures.set(contactId, { contactId, email, since, confirmedAt: Infinity })
    for (const entry of this.#byContact.get(contactId) ?? []) this.#reviewPending(entry)
  }

  /** @param since when the request began that succeeded */
  confirmErasure(contactId: string, since: number, now: number): void {
    const erasure = this.#erasures.get(contactId)
    if (erasure) Object.assign(erasure, { since, confirmedAt: now })
    for (const entry of this.#byContact.get(contactId) ?? []) this.#reviewPending(entry)
    this.counts.erased++
  }

  /** Whether everything that was accepted was seen where it belongs. */
  get isComplete(): boolean {
    return this.#pending.size + this.#pendingItems.size === 0
  }

  /** Checks that nothing accepted is missing, when nothing is on its way. */
  checkComplete(): void {
    const [missing] = this.#pending
    if (missing) {
      throw new Violation(
        `${this.#pending.size} events that were accepted are missing, one of ${new Date(missing.at).toISOString()}: ` +
          `${missing.accepted} accepted, ${missing.ids.size} stored`,
      )
    }
    if (this.#pendingItems.size > 0) {
      throw new Violation(`${this.#pendingItems.size} invalid elements are not in quarantine`)
    }
  }

  /** Checks that nothing is left of erased contacts, when no erasure is under way. */
  checkErased(): void {
    for (const { contactId, confirmedAt } of this.#erasures.values()) {
      if (confirmedAt === Infinity) continue
      for (const entry of this.#byContact.get(contactId) ?? []) {
        if (this.#isErased(entry) && entry.ids.size > 0) {
          throw new Violation(`${entry.ids.size} events of an erased contact are still there`)
        }
      }
    }
  }

  /** The addresses of erased contacts of whom nothing is left, and nothing has come since. */
  listGone(): { contactId: string; email: string }[] {
    return [...this.#erasures.values()].flatMap(({ contactId, confirmedAt }) => {
      const email = this.#emails.get(contactId)
      const isBack = [...this.ofContact(contactId)].some((entry) => !this.#isErased(entry))
      return email === undefined || isBack || confirmedAt === Infinity ? [] : [{ contactId, email }]
    })
  }

  /** Somebody with an event, who is not erased yet. */
  pickContact(
    random: Random,
    among: readonly string[] = [...this.#byContact.keys()],
  ): { contactId: string; email: string | undefined } | undefined {
    if (among.length === 0) return undefined
    const contactId = random.pick(among)
    if (this.#erasures.has(contactId)) return undefined
    return { contactId, email: this.#emails.get(contactId) }
  }

  ofContact(contactId: string): ReadonlySet<Entry> {
    return this.#byContact.get(contactId) ?? new Set()
  }

  get size(): number {
    return this.#stored.size
  }

  /** How many of the stored events are in files. */
  get archived(): number {
    return [...this.#stored.values()].filter(({ files }) => files > 0).length
  }

  #makeStored(entry: Entry, responded: Responded): Stored {
    const envelope = envelopeOf(responded)
    const { origin } = responded
    return { entry, origin, inDatabase: false, files: 0, envelope, archivedEnvelope: envelope }
  }

  #keep(id: string, entry: Entry, responded: Responded): void {
    if (entry.ids.has(id)) return
    this.counts.stored++
    this.onStored(id, entry, responded)
    entry.ids.add(id)
    this.#reviewPending(entry)
    if (entry.ids.size <= entry.happened) return
    if (this.#stored.get(id)?.origin === 'api' || !this.#isExplainedByZones(entry)) {
      throw new Violation(
        `an event that happened ${entry.happened} times is stored ${entry.ids.size} times: ${[...entry.ids].join(', ')}`,
      )
    }
    this.counts.twiceByZone++
  }

  /**
   * Whether it was stored once in each of two zones that were set when Yespo reported it: nothing tells the receiver
   * that these are the same. The second is never the API's, as the receiver can tell that it may be stored already.
   */
  #isExplainedByZones({ ids, happened, times, sentIn }: Entry): boolean {
    const byTime = Map.groupBy(ids, (id) => id.split('.')[0])
    const isOfApi = [...ids].some((id) => this.#stored.get(id)?.origin === 'api')
    return (
      !this.hasOneZone &&
      times.length > 1 &&
      (sentIn.size > 1 || isOfApi) &&
      [...byTime.values()].every((each) => each.length <= happened)
    )
  }

  #leave(key: string, ids: readonly string[]): void {
    for (const id of ids) {
      const stored = this.#stored.get(id)
      if (!stored) continue
      stored.files--
      this.#forget(id, stored, `was only in ${key}, which was deleted`)
    }
  }

  #forget(id: string, stored: Stored, why: string): void {
    if (stored.inDatabase || stored.files > 0) return
    if (!this.#mayBeErased(stored.entry)) throw new Violation(`${id} ${why}`)
    this.#stored.delete(id)
    stored.entry.ids.delete(id)
    this.onGone(id)
  }

  #reviewPending(entry: Entry): void {
    const isMissing = entry.ids.size < entry.accepted && !this.#mayBeErased(entry)
    if (isMissing) this.#pending.add(entry)
    else this.#pending.delete(entry)
  }

  /** Whether it must not be stored any more. */
  #isErased(entry: Entry): boolean {
    const erasure = this.#erasureOf(entry)
    return (
      erasure !== undefined &&
      erasure.confirmedAt < Infinity &&
      this.#latest(entry) <= erasure.since
    )
  }

  /** Whether it need not be stored any more. */
  #mayBeErased(entry: Entry): boolean {
    const erasure = this.#erasureOf(entry)
    const earliest = this.hasOneZone ? entry.at : Math.min(entry.at, ...entry.times)
    return erasure !== undefined && earliest <= erasure.confirmedAt
  }

  #latest(entry: Entry): number {
    return this.hasOneZone ? entry.at : Math.max(entry.at, ...entry.times)
  }

  #erasureOf({ contactId }: Entry): Erasure | undefined {
    return contactId === undefined ? undefined : this.#erasures.get(contactId)
  }

  #addOfContact(contactId: string, entry: Entry): void {
    const entries = this.#byContact.get(contactId)
    if (entries) entries.add(entry)
    else this.#byContact.set(contactId, new Set([entry]))
  }

  /** What happened, of an event of the read API. */
  find(responded: Responded): Entry | undefined {
    const element = rebuild(responded)
    if (responded['origin'] === 'api')
      return this.#common.get(nameCommon(element, responded.occurredAt))
    return this.#entries.get(digest(canonical(element)))
  }
}

/** What came with an event, as comparable text. */
function envelopeOf({ receivedAt, origin, labels }: Responded): string {
  return JSON.stringify([receivedAt, origin, labels])
}

function nameItem(kind: string, sent: string): string {
  return `${kind} ${digest(sent)}`
}

/** What the API adds, or writes in its own way. */
const OF_API: ReadonlySet<string> = new Set(['statusData', 'externalRequestId', 'activityDateTime'])

/** What is the same in an event of the webhook and of the API. */
function nameCommon(event: object, time: number): string {
  const common = Object.entries(event).filter(([name]) => !OF_API.has(name))
  return digest(`${time} ${canonical(Object.fromEntries(common))}`)
}

/** An element as comparable text: keys sorted, null equal to absent. */
function canonical(element: object): string {
  const entries = Object.entries(element).filter(([, value]) => value !== null)
  return JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function digest(content: string): string {
  return createHash('sha256').update(content).digest('base64url').slice(0, 22)
}
