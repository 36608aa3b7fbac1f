import { Buffer } from 'node:buffer'
import { digest128 } from '../../event/identity.ts'
import { countMessage, encodeQuarantined, packMessages } from '../../event/message.ts'
import { chunkBySize } from '../../platform/chunk-by-size.ts'
import { errorText } from '../../platform/log.ts'
import { withTimeout } from '../../platform/timeout.ts'
import type { ErasureState } from '../erasure/tombstones.ts'
import { classifyError, type ErrorKind } from '../errors.ts'
import { areStored } from './are-stored.ts'
import { redactErased, saveMessages } from './save-messages.ts'

/** The outcome of a message: one that `failed` must be tried again, the others are durable. */
export type Outcome = 'stored' | 'quarantined' | 'failed'

/** A message on its way into the database. */
export type Item = {
  text: string
  /** Whether to quarantine it if it fails by itself for an unknown reason; otherwise it has `failed`. */
  quarantineOnFailure: boolean
  /** How often it was tried, this time included; 1 if unknown. */
  attempts?: number
}

/** The outcome of each item, and the total cost. */
export type StoreReport = { outcomes: Outcome[]; rowsWritten: number; errors: string[] }

const MAX_HALVINGS = 4
const LAST_TRIES = 3
const MAX_CHUNK_BYTES = 1_000_000 // of a statement's one parameter; D1 accepts 2 MB

/**
 * Stores messages in as few statements as their size allows. A batch that fails because of its data is halved until the
 * invalid message is found: it is quarantined as a whole, and the others are stored. If the database is unavailable,
 * the rest is not tried.
 *
 * @param timeLimitMs for all items together
 * @returns an outcome for each; never throws what D1 throws: what is not stored has `failed`
 */
export async function storeMessages(
  db: D1Database,
  items: readonly Item[],
  timeLimitMs: number,
): Promise<StoreReport> {
  const writer = new BatchWriter(db, timeLimitMs)
  // If a chunk took too long, smaller ones may succeed.
  const tries = Math.max(1, ...items.map(({ attempts = 1 }) => attempts))
  const bytes = MAX_CHUNK_BYTES >> Math.min(tries - 1, MAX_HALVINGS)
  for (const chunk of chunkBySize(items, ({ text }) => sizeOf(text), { bytes })) {
    if (!writer.isUnavailable) await writer.store(chunk)
  }
  return {
    outcomes: items.map((item) => writer.outcomes.get(item) ?? 'failed'),
    rowsWritten: writer.rowsWritten,
    errors: [...writer.errors],
  }
}

class BatchWriter {
  readonly outcomes = new Map<Item, Outcome>()
  readonly errors = new Set<string>()
  rowsWritten = 0
  isUnavailable = false
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

  /** @returns undefined if all of them are durable */
  async #storeAll(items: readonly Item[]): Promise<ErrorKind | undefined> {
    const texts = items.map(({ text }) => text)
    // A quarantined message may become several, too many for one statement.
    const chunks = texts.every(isReadable) ? [texts] : chunkForSaving(texts.flatMap(toStorable))
    const failure = await this.#save(chunks)
    if (failure !== undefined) return failure
    for (const item of items) {
      this.outcomes.set(item, isReadable(item.text) ? 'stored' : 'quarantined')
    }
    return undefined
  }

  /** Finds the invalid ones among messages that could not be stored together. */
  async #narrow(items: readonly Item[], failure: ErrorKind | undefined): Promise<void> {
    const [first] = items
    if (failure === undefined || failure === 'transient') {
      return
    } else if (items.length > 1) {
      await this.#storeHalves(items)
    } else if (first && (failure === 'permanent' || (await this.#isHopeless(first)))) {
      await this.#giveUp(first, `the database does not take it: ${this.#lastError}`)
    }
  }

  /** As a rule, one half has the invalid data. If both fail with the same unknown error, the database is to blame. */
  async #storeHalves(items: readonly Item[]): Promise<void> {
    const middle = items.length >> 1
    const failures: { half: readonly Item[]; failure: ErrorKind; text: string }[] = []
    for (const half of [items.slice(0, middle), items.slice(middle)]) {
      const failure = await this.#storeAll(half)
      if (failure === 'transient') return
      if (failure !== undefined) failures.push({ half, failure, text: this.#lastError })
    }
    const [one, other] = failures
    const isSameText = other && one?.failure === 'unknown' && one.text === other.text
    // Not always: with an invalid message in each half, neither would be found.
    if (isSameText && !items.some(({ quarantineOnFailure }) => quarantineOnFailure)) {
      this.isUnavailable = true
      return
    }
    for (const { half, failure } of failures) {
      if (!this.isUnavailable) await this.#narrow(half, failure)
    }
  }

  /** Tries some more times before a message is given up for an unknown reason. */
  async #isHopeless(item: Item): Promise<boolean> {
    if (!item.quarantineOnFailure) return false
    for (let tries = 0; tries < LAST_TRIES; tries++) {
      const failure = await this.#save(chunkForSaving(toStorable(item.text)))
      if (failure === undefined) this.outcomes.set(item, 'stored')
      if (failure !== 'unknown') return failure === 'permanent'
    }
    return true
  }

  /** Quarantines a message, unless it turns out to be stored: an error after the commit looks like any other. */
  async #giveUp(item: Item, reason: string): Promise<void> {
    let outcome: Outcome = 'quarantined'
    const failure = await this.#try(async () => {
      const { texts, asOf } = await redactErased(this.#db, [item.text])
      if (texts.length > 0 && (await this.#isStored(texts))) outcome = 'stored'
      else {
        const parts = texts.flatMap((left) => quarantineMessage(left, reason))
        for (const chunk of chunkForSaving(parts)) await this.#write(chunk, asOf)
      }
    })
    if (failure === undefined) this.outcomes.set(item, outcome)
  }

  async #isStored(texts: readonly string[]): Promise<boolean> {
    try {
      return await areStored(this.#db, texts)
    } catch (error) {
      // A broken message is not stored; any other error would recur when it is quarantined.
      if (classifyError(error) === 'transient') throw error
      return false
    }
  }

  /** @returns undefined if all are stored */
  #save(chunks: readonly string[][]): Promise<ErrorKind | undefined> {
    return this.#try(async () => {
      for (const texts of chunks) await this.#write(texts)
    })
  }

  async #write(texts: readonly string[], asOf?: ErasureState): Promise<void> {
    this.rowsWritten += await saveMessages(this.#db, texts, asOf)
  }

  async #try(work: () => Promise<void>): Promise<ErrorKind | undefined> {
    const left = Math.max(0, this.#deadline - Date.now())
    try {
      await withTimeout('the database', left, work())
      return undefined
    } catch (error) {
      this.#lastError = errorText(error)
      this.errors.add(this.#lastError)
      const failure = classifyError(error)
      this.isUnavailable ||= failure === 'transient'
      return failure
    }
  }
}

function chunkForSaving(texts: readonly string[]): string[][] {
  return chunkBySize(texts, sizeOf, { bytes: MAX_CHUNK_BYTES })
}

function sizeOf(text: string): number {
  return Buffer.byteLength(text) + 1
}

function isReadable(text: string): boolean {
  return countMessage(text) !== undefined
}

/** The messages to save: the message itself, or, if this version cannot read it, messages that quarantine it. */
function toStorable(text: string): string[] {
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
