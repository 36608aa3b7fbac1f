import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { parseExactly } from '../../src/event/exact-number.ts'
import { rebuild } from '../rebuild.ts'
import type { Responded } from '../receiver.ts'
import { joinBody, type Element } from '../../src/simulator/traffic.ts'

/** What the comparison of sent and stored came to. */
export type Balance = {
  lost: number
  doubled: number
  altered: number
  quarantined: number
  /** Set aside without being poison, more than once, or not as it was sent. */
  setAsideWrongly: number
  /** Of someone who was forgotten. */
  kept: number
  /** Events that no webhook was told of, and that did not come by the API. */
  gapsLeft: number
}

const NO_LABELS = '{}'

/** Keeps the books: what was sent, to be compared with what is stored, event by event. */
export class Ledger {
  events = 0
  poison = 0
  stored = 0
  /** Events that were expected until someone was forgotten. */
  forgotten = 0
  /** When the latest of all events happened: UTC milliseconds. */
  latest = 0
  /** Events that no webhook was told of, and when the first of them happened: UTC milliseconds. */
  untold = 0
  untoldSince = Infinity
  /** How many of these came by the API, and how many others did before the webhook confirmed them. */
  filled = 0
  cameByApiFirst = 0
  /** Sent and not yet found: how many, by the digest of everything that was sent. */
  readonly #missing = new Map<string, number>()
  readonly #found = new Set<string>()
  /** What no webhook was told, and was not found yet. */
  readonly #untold = new Map<string, number>()
  /** The key of an event by what the API and the webhook tell alike of it, where the event has more. */
  readonly #byCommon = new Map<string, string>()
  readonly #ofContact = new Map<string, { key: string; occurredAt: number }[]>()
  readonly #forgottenUntil = new Map<string, number>()
  readonly #poison = new Map<string, number>()
  readonly #bodies = new Set<string>()
  readonly #labels: string
  #doubled = 0
  #altered = 0
  #quarantined = 0
  #setAsideWrongly = 0
  #kept = 0

  /** @param labels that every event has to be stored with */
  constructor(labels: object) {
    this.#labels = JSON.stringify(labels)
  }

  /** Takes note of a body that Yespo wants delivered, once to each webhook that gets it. */
  expect(elements: readonly Element[]): void {
    for (const { isPoison, bytes } of elements) {
      if (isPoison) continue
      const { event, occurredAt } = readEvent(bytes)
      this.latest = Math.max(this.latest, occurredAt)
      const contactId = String(event.contactId)
      if (this.isForgotten(contactId, occurredAt)) continue
      this.events++
      const key = digest(canonical(event, occurredAt))
      add(this.#missing, key, 1)
      const common = digest(canonical(toCommon(event), occurredAt))
      if (common !== key) this.#byCommon.set(common, key)
      const theirs = this.#ofContact.get(contactId) ?? []
      theirs.push({ key, occurredAt })
      this.#ofContact.set(contactId, theirs)
    }
  }

  /** Takes note of what no webhook was told, of what is expected. */
  missByWebhook(elements: readonly Element[]): void {
    for (const { isPoison, bytes } of elements) {
      if (isPoison) continue
      const { event, occurredAt } = readEvent(bytes)
      if (this.isForgotten(String(event.contactId), occurredAt)) continue
      this.untoldSince = Math.min(this.untoldSince, occurredAt)
      this.untold++
      add(this.#untold, digest(canonical(event, occurredAt)), 1)
    }
  }

  /** Takes note that a contact was forgotten: nothing of it from until then is expected any more. */
  forget(contactId: string, until: number): void {
    this.#forgottenUntil.set(contactId, until)
    const theirs = this.#ofContact.get(contactId) ?? []
    for (const { key, occurredAt } of theirs) {
      if (occurredAt > until) continue
      this.events--
      this.forgotten++
      takeOne(this.#missing, key)
      if (takeOne(this.#untold, key)) this.untold--
    }
    const left = theirs.filter(({ occurredAt }) => occurredAt > until)
    this.#ofContact.set(contactId, left)
  }

  isForgotten(contactId: string, occurredAt: number): boolean {
    return occurredAt <= (this.#forgottenUntil.get(contactId) ?? -Infinity)
  }

  /** Takes note of poison: it is set aside for each different body that it is in. */
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

  /** Whether no webhook was told of an event that is stored. */
  isUnnotified(activity: Responded): boolean {
    return this.#untold.has(this.#findKey(activity, activity['origin'] === 'api'))
  }

  find(activity: Responded): void {
    if (this.isForgotten(String(activity['contactId']), activity.occurredAt)) {
      this.#kept++
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
    const isUnnotified = takeOne(this.#untold, key)
    if (isUnnotified && isOfApi) this.filled++
    else if (isOfApi) this.cameByApiFirst++
    const labels = isOfApi ? NO_LABELS : this.#labels
    const isInOrder = isOfApi || (activity['origin'] === 'webhook' && !isUnnotified)
    if (!isInOrder || JSON.stringify(activity.labels) !== labels) this.#altered++
  }

  /** What the API tells more is no part of what was expected. */
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
    else this.#setAsideWrongly++
  }

  balance(): Balance {
    const missing = [...this.#missing.values()].reduce((a, b) => a + b, 0)
    return {
      // What was altered is missing in the form in which it was sent: that is not a loss on top.
      lost: Math.max(0, missing - this.#altered),
      doubled: this.#doubled,
      altered: this.#altered,
      quarantined: this.#quarantined,
      setAsideWrongly: this.#setAsideWrongly,
      kept: this.#kept,
      gapsLeft: this.untold - this.filled,
    }
  }
}

type SentEvent = { activityDateTime: string; contactId: number; email?: string }

/** An event as it was sent, and when it happened: UTC milliseconds. */
export function readEvent(bytes: Buffer): { event: SentEvent; occurredAt: number } {
  const text = bytes.toString()
  const event = parseExactly(text) as SentEvent
  return { event, occurredAt: Date.parse(`${event.activityDateTime}Z`) }
}

/** Without what only the API adds to an event. */
function toCommon(event: object): object {
  const only = ['statusData', 'externalRequestId']
  return Object.fromEntries(Object.entries(event).filter(([name]) => !only.includes(name)))
}

/** @returns whether there was one */
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

/** An element as comparable text: keys sorted, and null the same as absent. */
function canonical(element: object, occurredAt: number): string {
  const entries = Object.entries(element).filter(([, value]) => value !== null)
  return JSON.stringify([occurredAt, entries.sort(([a], [b]) => (a < b ? -1 : 1))])
}

function digest(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('base64').slice(0, 24)
}
