import { Buffer } from 'node:buffer'
import { digest128 } from '../../event/identity.ts'
import { withTimeout } from '../../platform/timeout.ts'
import { areStored } from './are-stored.ts'
import { classifyError, type ErrorKind } from '../errors.ts'
import { groupBySize } from '../chunk-by-size.ts'
import { countMessage, encodeQuarantined, packMessages } from '../../event/message.ts'
import type { ErasedState } from '../erasure/tombstones.ts'
import { redactErased, saveMessages } from './save-messages.ts'

/** What became of a message: `failed` has to be tried again, the others are durable. */
export type Outcome = 'stored' | 'set aside' | 'failed'

/** A message on its way into the database. */
export type Item = {
  text: string
  /** Whether to set it aside, rather than fail, where it fails alone and nobody knows why. */
  quarantineOnFailure: boolean
  /** How often it was tried, this time included; 1 where nobody says. */
  attempts?: number
}

/** How it went: an outcome for each item, and what it cost. */
export type StoreReport = { outcomes: Outcome[]; rowsWritten: number; faults: string[] }

const MAX_HALVINGS = 4
const LAST_TRIES = 3
const MAX_CHUNK_BYTES = 1_000_000 // of a statement's one parameter; D1 takes 2 MB

/**
 * Stores messages in as few statements as their size allows. A statement that fails through its data
 * is halved until the message at fault stands alone; that one is set aside whole, the rest is stored.
 * Where the database is away the rest is not tried.
 *
 * @param timeLimitMs for all of it
 * @returns never throws for what D1 does: what is not stored has `failed`
 */
export async function storeMessages(
  db: D1Database,
  items: readonly Item[],
  timeLimitMs: number,
): Promise<StoreReport> {
  const attempt = new Attempt(db, timeLimitMs)
  // What took too long may do in smaller pieces.
  const tries = Math.max(1, ...items.map(({ attempts = 1 }) => attempts))
  const bytes = MAX_CHUNK_BYTES >> Math.min(tries - 1, MAX_HALVINGS)
  const chunks = groupBySize(items, ({ text }) => sizeOf(text), { bytes })
  for (const chunk of chunks) {
    if (!attempt.isDatabaseAway) await attempt.store(chunk)
  }
  return {
    outcomes: items.map((item) => attempt.outcomes.get(item) ?? 'failed'),
    rowsWritten: attempt.rowsWritten,
    faults: [...attempt.faults],
  }
}

class Attempt {
  readonly outcomes = new Map<Item, Outcome>()
  readonly faults = new Set<string>()
  rowsWritten = 0
  isDatabaseAway = false
  #lastError = ''
  readonly #db: D1Database
  readonly #deadline: number

  constructor(db: D1Database, timeLimitMs: number) {
    this.#db = db
    this.#deadline = Date.now() + timeLimitMs
  }

  async store(items: readonly Item[]): Promise<void> {
    await this.#narrow(items, await this.#storeAll(items))
  }

  /** @returns undefined where all of them are durable */
  async #storeAll(items: readonly Item[]): Promise<ErrorKind | undefined> {
    const texts = items.map(({ text }) => text)
    // What is set aside may come in parts, and be more than one statement takes.
    const groups = texts.every(isReadable) ? [texts] : groupForSaving(texts.flatMap(storable))
    const fault = await this.#save(groups)
    if (fault !== undefined) return fault
    for (const item of items) {
      this.outcomes.set(item, isReadable(item.text) ? 'stored' : 'set aside')
    }
    return undefined
  }

  /** Finds which of some messages that could not be stored together is at fault. */
  async #narrow(items: readonly Item[], fault: ErrorKind | undefined): Promise<void> {
    const [first] = items
    if (fault === undefined || fault === 'transient') {
      return
    } else if (items.length > 1) {
      await this.#storeHalves(items)
    } else if (first && (fault === 'permanent' || (await this.#isHopeless(first)))) {
      await this.#giveUp(first, `the database does not take it: ${this.#lastError}`)
    }
  }

  /** Data is at fault in one half, as a rule. What nobody knows and fails alike in both, is the database. */
  async #storeHalves(items: readonly Item[]): Promise<void> {
    const middle = items.length >> 1
    const failures: { half: readonly Item[]; fault: ErrorKind; error: string }[] = []
    for (const half of [items.slice(0, middle), items.slice(middle)]) {
      const fault = await this.#storeAll(half)
      if (fault === 'transient') return
      if (fault !== undefined) failures.push({ half, fault, error: this.#lastError })
    }
    const [one, other] = failures
    const isSameText = other && one?.fault === 'unknown' && one.error === other.error
    // Not for ever: of two messages at fault, one in each half, neither would be found.
    if (isSameText && !items.some(({ quarantineOnFailure }) => quarantineOnFailure)) {
      this.isDatabaseAway = true
      return
    }
    for (const { half, fault } of failures) {
      if (!this.isDatabaseAway) await this.#narrow(half, fault)
    }
  }

  /** Asks some times more before a message is given up for a fault that nobody knows. */
  async #isHopeless(item: Item): Promise<boolean> {
    if (!item.quarantineOnFailure) return false
    for (let tries = 0; tries < LAST_TRIES; tries++) {
      const fault = await this.#save(groupForSaving(storable(item.text)))
      if (fault === undefined) this.outcomes.set(item, 'stored')
      if (fault !== 'unknown') return fault === 'permanent'
    }
    return true
  }

  /** Sets a message aside, unless it turns out to be stored: an error after the commit looks like any other. */
  async #giveUp(item: Item, reason: string): Promise<void> {
    let outcome: Outcome = 'set aside'
    const fault = await this.#try(async () => {
      const { texts, asOf } = await redactErased(this.#db, [item.text])
      if (texts.length > 0 && (await this.#isStored(texts))) outcome = 'stored'
      else {
        const parts = texts.flatMap((left) => quarantineMessage(left, reason))
        for (const group of groupForSaving(parts)) await this.#write(group, asOf)
      }
    })
    if (fault === undefined) this.outcomes.set(item, outcome)
  }

  async #isStored(texts: readonly string[]): Promise<boolean> {
    try {
      return await areStored(this.#db, texts)
    } catch (error) {
      // What is broken itself is not stored; for all else, see whether the rest fails alike.
      if (classifyError(error) === 'transient') throw error
      return false
    }
  }

  /** @returns undefined where it is stored */
  #save(groups: readonly string[][]): Promise<ErrorKind | undefined> {
    return this.#try(async () => {
      for (const texts of groups) await this.#write(texts)
    })
  }

  async #write(texts: readonly string[], asOf?: ErasedState): Promise<void> {
    this.rowsWritten += await saveMessages(this.#db, texts, asOf)
  }

  async #try(work: () => Promise<void>): Promise<ErrorKind | undefined> {
    const left = Math.max(0, this.#deadline - Date.now())
    try {
      await withTimeout('the database', left, work())
      return undefined
    } catch (error) {
      this.#lastError = String(error).slice(0, 200)
      this.faults.add(this.#lastError)
      const fault = classifyError(error)
      this.isDatabaseAway ||= fault === 'transient'
      return fault
    }
  }
}

function groupForSaving(texts: readonly string[]): string[][] {
  return groupBySize(texts, sizeOf, { bytes: MAX_CHUNK_BYTES })
}

function sizeOf(text: string): number {
  return Buffer.byteLength(text) + 1
}

function isReadable(text: string): boolean {
  return countMessage(text) !== undefined
}

/** What to save for a message: itself, or, where this version cannot read it, that it was set aside. */
function storable(text: string): string[] {
  return isReadable(text)
    ? [text]
    : quarantineMessage(text, 'not a message that this version reads')
}

function quarantineMessage(sent: string, reason: string): string[] {
  const parts = encodeQuarantined({
    kind: 'message',
    request: digest128(sent),
    elementIndex: 0,
    reason,
    sent,
  })
  return packMessages({ receivedAt: Date.now(), origin: 'webhook', labels: null }, [], parts)
}
