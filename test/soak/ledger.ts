import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { parseExactly } from '../../src/event/exact-number.ts'
import { rebuild } from '../rebuild.ts'
import type { Responded } from '../receiver.ts'
import { joinBody, type Element } from '../../src/simulator/traffic.ts'

/** The result of comparing sent and stored events. */
export type Balance = {
  lost: number
  doubled: number
  altered: number
  quarantined: number
  /** Quarantined though valid, more than once, or not as sent. */
  wronglyQuarantined: number
  /** Events of erased contacts that are still stored. */
  notErased: number
  /** Events that no webhook was notified of, and that the API did not fill in. */
  gapsLeft: number
}

const NO_LABELS = '{}'

/** Keeps the books on sent events, to compare them one by one with the stored ones. */
export class Ledger {
  events = 0
  poison = 0
  stored = 0
  /** Events that were expected until their contact was erased. */
  erased = 0
  /** When the latest of all events happened: UTC milliseconds. */
  latest = 0
  /** Events that no webhook was notified of, and when the first of them happened: UTC milliseconds. */
  unnotified = 0
  unnotifiedSince = Infinity
  /** How many of these the API filled in, and how many others it delivered before the webhook confirmed them. */
  filled = 0
  cameByApiFirst = 0
  /** Sent and not yet found: counts by the digest of the whole event. */
  readonly #missing = new Map<string, number>()
  readonly #found = new Set<string>()
  /** Events that no webhook was notified of and that were not found yet. */
  readonly #unnotified = new Map<string, number>()
  /** The key of an event by the digest of the fields that API and webhook share, if the event has more. */
  readonly #byCommon = new Map<string, string>()
  readonly #byContact = new Map<string, { key: string; occurredAt: number }[]>()
  readonly #erasedUntil = new Map<string, number>()
  readonly #poison = new Map<string, number>()
  readonly #bodies = new Set<string>()
  readonly #labels: string
  #doubled = 0
  #altered = 0
  #quarantined = 0
  #wronglyQuarantined = 0
  #notErased = 0

  /** @param labels expected on every stored event */
  constructor(labels: object) {
    this.#labels = JSON.stringify(labels)
  }

  /** Expects the events of a body, which Yespo delivers once to each of its webhooks. */
  expect(elements: readonly Element[]): void {
    for (const { isPoison, bytes } of elements) {
      if (isPoison) continue
      const { event, occurredAt } = readEvent(bytes)
      this.latest = Math.max(this.latest, occurredAt)
      const contactId = String(event.contactId)
      if (this.isErased(contactId, occurredAt)) continue
      this.events++
      const key = digest(canonical(event, occurredAt))
      add(this.#missing, key, 1)
      const common = digest(canonical(toCommon(event), occurredAt))
      if (common !== key) this.#byCommon.set(common, key)
      const events = this.#byContact.get(contactId) ?? []
      events.push({ key, occurredAt })
      this.#byContact.set(contactId, events)
    }
  }

  /** Marks expected events that no webhook was notified of. */
  expectUnnotified(elements: readonly Element[]): void {
    for (const { isPoison, bytes } of elements) {
      if (isPoison) continue
      const { event, occurredAt } = readEvent(bytes)
      if (this.isErased(String(event.contactId), occurredAt)) continue
      this.unnotifiedSince = Math.min(this.unnotifiedSince, occurredAt)
      this.unnotified++
      add(this.#unnotified, digest(canonical(event, occurredAt)), 1)
    }
  }

  /** Expects no events of an erased contact up to that time. */
  erase(contactId: string, until: number): void {
    this.#erasedUntil.set(contactId, until)
    const events = this.#byContact.get(contactId) ?? []
    for (const { key, occurredAt } of events) {
      if (occurredAt > until) continue
      this.events--
      this.erased++
      takeOne(this.#missing, key)
      if (takeOne(this.#unnotified, key)) this.unnotified--
    }
    const left = events.filter(({ occurredAt }) => occurredAt > until)
    this.#byContact.set(contactId, left)
  }

  isErased(contactId: string, occurredAt: number): boolean {
    return occurredAt <= (this.#erasedUntil.get(contactId) ?? -Infinity)
  }

  /** Expects each invalid item in the quarantine, once for each distinct body that contains it. */
  expectPoison(elements: readonly Element[]): void {
    const poison = elements.filter(({ isPoison }) => isPoison)
    if (poison.length === 0) return
    const body = digest(joinBody(elements))
    if (this.#bodies.has(body)) return
    this.#bodies.add(body)
    this.poison += poison.length
    for (const { bytes } of poison) {
      const key = isUtf8(bytes)
        ? `element ${bytes.toString()}`
        : `bytes ${bytes.toString('latin1')}`
      add(this.#poison, key, 1)
    }
  }

  /** Whether no webhook was notified of a stored event. */
  isUnnotified(activity: Responded): boolean {
    return this.#unnotified.has(this.#findKey(activity, activity['origin'] === 'api'))
  }

  find(activity: Responded): void {
    if (this.isErased(String(activity['contactId']), activity.occurredAt)) {
      this.#notErased++
      return
    }
    this.stored++
    const isOfApi = activity['origin'] === 'api'
    const key = this.#findKey(activity, isOfApi)
    if (!takeOne(this.#missing, key)) {
      if (this.#found.has(key)) this.#doubled++
      else this.#altered++
      return
    }
    this.#found.add(key)
    const isUnnotified = takeOne(this.#unnotified, key)
    if (isUnnotified && isOfApi) this.filled++
    else if (isOfApi) this.cameByApiFirst++
    const labels = isOfApi ? NO_LABELS : this.#labels
    const isInOrder = isOfApi || (activity['origin'] === 'webhook' && !isUnnotified)
    if (!isInOrder || JSON.stringify(activity.labels) !== labels) this.#altered++
  }

  /** Ignores fields that only the API adds: they were not expected. */
  #findKey(activity: Responded, isOfApi: boolean): string {
    const element = rebuild(activity)
    const key = digest(canonical(isOfApi ? toCommon(element) : element, activity.occurredAt))
    return isOfApi ? (this.#byCommon.get(key) ?? key) : key
  }

  findItem({ kind, sent }: { kind: string; sent: string }): void {
    this.#quarantined++
    const key = `${kind} ${sent}`
    const expected = this.#poison.get(key) ?? 0
    if (expected > 0) this.#poison.set(key, expected - 1)
    else this.#wronglyQuarantined++
  }

  balance(): Balance {
    const missing = [...this.#missing.values()].reduce((a, b) => a + b, 0)
    return {
      // An altered event is also missing in its original form: that is not an additional loss.
      lost: Math.max(0, missing - this.#altered),
      doubled: this.#doubled,
      altered: this.#altered,
      quarantined: this.#quarantined,
      wronglyQuarantined: this.#wronglyQuarantined,
      notErased: this.#notErased,
      gapsLeft: this.unnotified - this.filled,
    }
  }
}

type SentEvent = { activityDateTime: string; contactId: number; email?: string }

/** An event as sent, and when it happened: UTC milliseconds. */
export function readEvent(bytes: Buffer): { event: SentEvent; occurredAt: number } {
  const text = bytes.toString()
  const event = parseExactly(text) as SentEvent
  return { event, occurredAt: Date.parse(`${event.activityDateTime}Z`) }
}

/** An event without the fields that only the API adds. */
function toCommon(event: object): object {
  const only = ['statusData', 'externalRequestId']
  return Object.fromEntries(Object.entries(event).filter(([name]) => !only.includes(name)))
}

/** Decrements a count. @returns whether there was one */
function takeOne(counts: Map<string, number>, key: string): boolean {
  const count = counts.get(key)
  if (count === undefined) return false
  if (count > 1) counts.set(key, count - 1)
  else counts.delete(key)
  return true
}

function add(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count)
}

/** An element as comparable text: keys sorted, null equal to absent. */
function canonical(element: object, occurredAt: number): string {
  const entries = Object.entries(element).filter(([, value]) => value !== null)
  return JSON.stringify([occurredAt, entries.sort(([a], [b]) => (a < b ? -1 : 1))])
}

function digest(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('base64').slice(0, 24)
}
