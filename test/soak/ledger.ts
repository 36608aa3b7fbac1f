import { createHash } from 'node:crypto'
import { rebuild } from '../rebuild.ts'
import type { Answered } from '../receiver.ts'
import { joinBody, type Element } from '../yespo/traffic.ts'

/** What the comparison of sent and stored came to. */
export type Balance = {
  lost: number
  doubled: number
  altered: number
  /** Set aside, and poison that should have been. */
  setAside: number
  setAsideWrongly: number
}

/** Keeps the books: what was sent, to be compared with what is stored, event by event. */
export class Ledger {
  events = 0
  poison = 0
  stored = 0
  /** Sent and not yet found: how many, by the digest of everything that was sent. */
  readonly #missing = new Map<string, number>()
  readonly #found = new Set<string>()
  readonly #poison = new Map<string, number>()
  readonly #bodies = new Set<string>()
  #doubled = 0
  #altered = 0
  #setAside = 0

  /** Takes note of a body that Yespo wants delivered, once to each webhook that gets it. */
  expect(elements: readonly Element[]): void {
    for (const { isPoison, bytes } of elements) {
      if (isPoison) continue
      this.events++
      add(this.#missing, digest(canonical(JSON.parse(bytes.toString()))), 1)
    }
  }

  /** Takes note of poison: it is set aside for each different body that it is in. */
  expectPoison(elements: readonly Element[]): void {
    const poison = elements.filter(({ isPoison }) => isPoison)
    if (poison.length === 0) return
    const body = digest(joinBody(elements))
    if (this.#bodies.has(body)) return
    this.#bodies.add(body)
    this.poison += poison.length
    for (const { bytes } of poison) add(this.#poison, bytes.toString('latin1'), 1)
  }

  find(activity: Answered): void {
    this.stored++
    const key = digest(canonical(rebuild(activity)))
    const missing = this.#missing.get(key)
    if (missing === undefined) {
      if (this.#found.has(key)) this.#doubled++
      else this.#altered++
    } else if (missing > 1) this.#missing.set(key, missing - 1)
    else {
      this.#missing.delete(key)
      this.#found.add(key)
    }
  }

  findSetAside(sent: string): void {
    this.#setAside++
    const expected = this.#poison.get(sent) ?? 0
    if (expected > 0) this.#poison.set(sent, expected - 1)
  }

  balance(): Balance {
    const sum = (counts: Map<string, number>) => [...counts.values()].reduce((a, b) => a + b, 0)
    return {
      // What was altered is missing in the form in which it was sent: that is not a loss on top.
      lost: Math.max(0, sum(this.#missing) - this.#altered),
      doubled: this.#doubled,
      altered: this.#altered,
      setAside: this.#setAside,
      setAsideWrongly: this.#setAside - (this.poison - sum(this.#poison)),
    }
  }
}

function add(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count)
}

/** An element as comparable text: keys sorted, and null the same as absent. */
function canonical(element: object): string {
  const entries = Object.entries(element).filter(([, value]) => value !== null)
  return JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function digest(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('base64').slice(0, 24)
}
