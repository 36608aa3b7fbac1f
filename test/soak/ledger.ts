import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { mayLoseDigits, parseExactly } from '../../src/activity/exact-number.ts'
import { rebuild } from '../rebuild.ts'
import type { Answered } from '../receiver.ts'
import { joinBody, type Element } from '../yespo/traffic.ts'

/** What the comparison of sent and stored came to. */
export type Balance = {
  lost: number
  doubled: number
  altered: number
  setAside: number
  /** Set aside without being poison, more than once, or not as it was sent. */
  setAsideWrongly: number
  /** Of someone who was forgotten. */
  kept: number
}

/** Keeps the books: what was sent, to be compared with what is stored, event by event. */
export class Ledger {
  events = 0
  poison = 0
  stored = 0
  /** Events that were expected until someone was forgotten. */
  forgotten = 0
  /** When the latest of all events happened: UTC milliseconds. */
  latest = 0
  /** Sent and not yet found: how many, by the digest of everything that was sent. */
  readonly #missing = new Map<string, number>()
  readonly #found = new Set<string>()
  readonly #ofContact = new Map<string, { key: string; occurredAt: number }[]>()
  readonly #forgottenUntil = new Map<string, number>()
  readonly #poison = new Map<string, number>()
  readonly #bodies = new Set<string>()
  readonly #labels: string
  #doubled = 0
  #altered = 0
  #setAside = 0
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
      const theirs = this.#ofContact.get(contactId) ?? []
      theirs.push({ key, occurredAt })
      this.#ofContact.set(contactId, theirs)
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
      add(this.#missing, key, -1)
      if (this.#missing.get(key) === 0) this.#missing.delete(key)
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

  find(activity: Answered): void {
    if (this.isForgotten(String(activity['contactId']), activity.occurredAt)) {
      this.#kept++
      return
    }
    this.stored++
    const key = digest(canonical(rebuild(activity), activity.occurredAt))
    const isLabelled = JSON.stringify(activity.labels) === this.#labels
    const missing = this.#missing.get(key)
    if (missing === undefined) {
      if (this.#found.has(key)) this.#doubled++
      else this.#altered++
    } else {
      if (!isLabelled || activity['origin'] !== 'webhook') this.#altered++
      if (missing > 1) this.#missing.set(key, missing - 1)
      else this.#missing.delete(key)
      this.#found.add(key)
    }
  }

  findSetAside({ kind, sent }: { kind: string; sent: string }): void {
    this.#setAside++
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
      setAside: this.#setAside,
      setAsideWrongly: this.#setAsideWrongly,
      kept: this.#kept,
    }
  }
}

type SentEvent = { activityDateTime: string; contactId: number; email?: string }

/** An event as it was sent, and when it happened: UTC milliseconds. */
export function readEvent(bytes: Buffer): { event: SentEvent; occurredAt: number } {
  const text = bytes.toString()
  const event = (mayLoseDigits(text) ? parseExactly(text) : JSON.parse(text)) as SentEvent
  return { event, occurredAt: Date.parse(`${event.activityDateTime}Z`) }
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
