import { interpret, normalizedIdentifier } from '../../../plain-meaning.ts'
import type { Responded } from '../../../receiver.ts'
import type { Entry, Ledger } from '../ledger.ts'

const DAY = 86_400_000
const NAMES = ['email', 'sms', 'externalCustomerId', 'webpush', 'mobilepush']
const SUPPRESSING: ReadonlySet<unknown> = new Set(['SPAM', 'UNSUBSCRIBED'])

/** An identifier of a contact, as it was sent. */
export type Identifier = { readonly name: string; readonly value: string; readonly key: string }

/** An event that is or was stored, as readers see it. Times are UTC milliseconds, Infinity for never. */
export type Shelved = {
  readonly id: string
  readonly occurredAt: number
  readonly entry: Entry
  readonly contactId: string | undefined
  readonly status: string
  /** Of a bounce, whether it is permanent. */
  readonly isHard: boolean | undefined
  readonly channel: string | undefined
  readonly broadcastId: string | undefined
  readonly messageId: string | undefined
  readonly iid: string | undefined
  readonly identifiers: readonly Identifier[]
  readonly suppresses: boolean
  readonly storedAt: number
  /** When totals, suppressions and identifiers have it. */
  countedAt: number
  /** The same, of one that was erased and came again with a later time. */
  countedAgainAt: number
  goneAt: number
}

/** All events that were ever stored, with the time at which each came and went. */
export class Shelf {
  readonly all: Shelved[] = []
  /** Called when an event of a contact is gone. */
  onGone: (contactId: string) => void = () => {}
  readonly #ledger: Ledger
  readonly #now: () => number
  readonly #byId = new Map<string, Shelved>()
  readonly #byDay = new Map<number, Shelved[]>()
  readonly #byContact = new Map<string, Shelved[]>()
  /** Contacts whose erasure is finished: of events until when, and since when. */
  readonly #erased = new Map<string, { since: number; finishedAt: number }>()
  /** One object for each text that many events share. */
  readonly #identifiers = new Map<string, Identifier>()
  readonly #texts = new Map<string, string>()

  constructor(ledger: Ledger, now: () => number) {
    this.#ledger = ledger
    this.#now = now
    ledger.onStored = (id, entry, responded) => this.#add(id, entry, responded)
    ledger.onGone = (id) => this.#remove(id)
  }

  /** An event is in totals, suppressions and identifiers. */
  count(id: string): void {
    const shelved = this.#byId.get(id)
    if (!shelved) return
    if (shelved.countedAt === Infinity) shelved.countedAt = this.#now()
    else shelved.countedAgainAt = this.#now()
  }

  get(id: string): Shelved | undefined {
    return this.#byId.get(id)
  }

  ofContact(contactId: string): readonly Shelved[] {
    return this.#byContact.get(contactId) ?? []
  }

  /** The events of a period, in no order. Times are UTC milliseconds, the end not included. */
  *inPeriod(since: number, until: number): Generator<Shelved> {
    const [first, last] = [dayOf(since), dayOf(until)]
    const isShort = last - first < this.#byDay.size
    const days = isShort
      ? Array.from({ length: last - first + 1 }, (_, index) => first + index)
      : this.#byDay.keys()
    for (const day of days) {
      for (const shelved of this.#byDay.get(day) ?? []) {
        if (shelved.occurredAt >= since && shelved.occurredAt < until) yield shelved
      }
    }
  }

  /** Keeps which erasures are finished by now. @param areAllFinished of those that were begun */
  noticeErased(areAllFinished: () => boolean): void {
    const confirmed = [...this.#ledger.erasures.values()].filter(
      ({ contactId, since, confirmedAt }) =>
        confirmedAt < Infinity && this.#erased.get(contactId)?.since !== since,
    )
    if (confirmed.length === 0 || !areAllFinished()) return
    for (const { contactId, since } of confirmed) {
      this.#erased.set(contactId, { since, finishedAt: this.#now() })
    }
  }

  /** Contacts whose erasure is finished. */
  get erased(): readonly string[] {
    return [...this.#erased.keys()]
  }

  /** Whether nothing of an event may be there any more, for a request that began then. */
  isErased({ at, times, contactId }: Entry, began: number): boolean {
    const erased = contactId === undefined ? undefined : this.#erased.get(contactId)
    if (!erased || erased.finishedAt > began) return false
    return Math.max(at, ...times) <= erased.since
  }

  /** Whether an event need not be there any more. */
  mayBeErased({ at, times, contactId }: Entry): boolean {
    const erasure = contactId === undefined ? undefined : this.#ledger.erasures.get(contactId)
    return erasure !== undefined && Math.min(at, ...times) <= erasure.confirmedAt
  }

  #add(id: string, entry: Entry, responded: Responded): void {
    const known = this.#byId.get(id)
    if (known) {
      known.goneAt = Infinity
      return
    }
    const event = interpret(responded)
    const { activityStatus, hardBounce, channel } = event
    const isBounce = activityStatus === 'UNDELIVERED' && hardBounce !== undefined
    const contactId = this.#text(event['contactId'])
    const shelved: Shelved = {
      id,
      occurredAt: responded.occurredAt,
      entry,
      contactId,
      status: this.#text(activityStatus) ?? '',
      isHard: isBounce ? hardBounce === true : undefined,
      channel: this.#text(channel),
      broadcastId: this.#text(event['broadcastId']),
      messageId: this.#text(event['messageId']),
      iid: this.#text(event['iid']),
      identifiers: this.#identify(event),
      suppresses: SUPPRESSING.has(activityStatus) || (isBounce && hardBounce === true),
      storedAt: this.#now(),
      countedAt: Infinity,
      countedAgainAt: Infinity,
      goneAt: Infinity,
    }
    this.all.push(shelved)
    this.#byId.set(id, shelved)
    append(this.#byDay, dayOf(shelved.occurredAt), shelved)
    if (contactId !== undefined) append(this.#byContact, contactId, shelved)
  }

  #remove(id: string): void {
    const shelved = this.#byId.get(id)
    if (!shelved) return
    shelved.goneAt = this.#now()
    if (shelved.contactId !== undefined) this.onGone(shelved.contactId)
  }

  #identify(event: Record<string, unknown>): Identifier[] {
    return NAMES.flatMap((name) => {
      const value = event[name]
      if (typeof value !== 'string') return []
      const key = normalizedIdentifier(name, value)
      if (key === undefined) return []
      const text = `${name} ${value}`
      const identifier = this.#identifiers.get(text) ?? { name, value, key }
      this.#identifiers.set(text, identifier)
      return [identifier]
    })
  }

  #text(value: unknown): string | undefined {
    if (value === undefined || value === null) return undefined
    const text = String(value)
    const known = this.#texts.get(text)
    if (known !== undefined) return known
    this.#texts.set(text, text)
    return text
  }
}

function dayOf(time: number): number {
  return Math.floor(time / DAY)
}

function append<Key>(map: Map<Key, Shelved[]>, key: Key, shelved: Shelved): void {
  const known = map.get(key)
  if (known) known.push(shelved)
  else map.set(key, [shelved])
}
