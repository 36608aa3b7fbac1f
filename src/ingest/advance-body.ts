import { Buffer } from 'node:buffer'
import type { CountDuplicates } from '../event/identity.ts'
import { Scanner } from '../event/json-text.ts'
import type { Envelope } from '../event/message.ts'
import { sliceBody } from '../event/slice-elements.ts'
import {
  findLargeBody,
  finishBody,
  ID_LENGTH,
  listParts,
  recordStep,
  recordTries,
  type LargeBody,
  type Shape,
  type StoredPart,
} from '../db/write/large-bodies.ts'
import { isUnavailable } from '../db/errors.ts'
import { enqueue, type Queues } from './enqueue.ts'
import { BYTE_ORDER_MARK, Elements, MAX_ELEMENTS } from './parse-elements.ts'
import { prepare } from './to-messages.ts'

const STEP_ELEMENTS = 64
const MAX_PARTS = 32 // read for a single element

/** After these, a step that is killed each time takes a single element; and after some more, none. */
const MAX_TRIES = 3
const MAX_SINGLE_TRIES = 40

const CLOSING = [...Buffer.from('"}]')]

/** Some elements of a body as a body of their own, and where the next one starts. */
type Chunk = { body: Uint8Array; count: number; next: number; shape: Shape; isWhole: boolean }

/** The next elements; `finished` if there are none, or the reason why the rest cannot be read. */
type Found = Chunk | 'finished' | { reason: string }

/**
 * Takes the next elements of a large body whose parts are stored: they become messages, as if the webhook had taken
 * them. A body that cannot be read to its end is quarantined as a whole.
 *
 * @returns whether the body has more
 * @throws what D1 throws; HttpError 503 if neither queue nor database accepts the messages
 */
export async function advanceBody(db: D1Database, queues: Queues, id: string): Promise<boolean> {
  const body = await findLargeBody(db, id)
  if (!body) return false
  await recordTries(db, body, body.tries + 1)
  try {
    return await takeStep(db, queues, body)
  } catch (error) {
    // A try does not count if the database was unavailable, or neither it nor the queue took the messages.
    if (isUnavailable(error)) await recordTries(db, body, body.tries)
    throw error
  }
}

/** @returns whether the body has more */
async function takeStep(db: D1Database, queues: Queues, body: LargeBody): Promise<boolean> {
  const found =
    body.tries >= MAX_TRIES + MAX_SINGLE_TRIES
      ? { reason: 'checking an element takes more processor time than the plan allows' }
      : await findElements(db, body)
  if (found === 'finished' || 'reason' in found) {
    await finishBody(db, body.body, Date.now(), found === 'finished' ? undefined : found.reason)
    return false
  }
  const { body: request, receivedAt, origin, labels, zone } = body
  const envelope: Envelope = { receivedAt, origin, labels }
  const ids = new KnownIds(body.ids)
  const { isWhole } = found
  const of = { request, firstIndex: body.elements, isWhole, countDuplicates: ids.count }
  const { messages } = prepare(new Elements(found.body), envelope, zone, of)
  await enqueue(messages, queues, db)
  const { next: position, count, shape } = found
  await recordStep(db, body, { position, elements: count, ids: ids.added, shape })
  return true
}

/** The IDs of a body's events so far, each as if it came alone. */
class KnownIds {
  added = ''
  readonly #counts = new Map<string, number>()

  /** @param ids `ID_LENGTH` characters each */
  constructor(ids: string) {
    for (let at = 0; at < ids.length; at += ID_LENGTH) this.#add(ids.slice(at, at + ID_LENGTH))
  }

  readonly count: CountDuplicates = (id) => {
    const beginning = id.slice(0, ID_LENGTH)
    this.added += beginning
    return this.#add(beginning)
  }

  #add(beginning: string): number {
    const count = this.#counts.get(beginning) ?? 0
    this.#counts.set(beginning, count + 1)
    return count
  }
}

async function findElements(db: D1Database, body: LargeBody): Promise<Found> {
  if (body.elements > MAX_ELEMENTS) {
    return { reason: `the body has more than ${MAX_ELEMENTS} elements` }
  }
  const max = body.tries >= MAX_TRIES ? 1 : STEP_ELEMENTS
  for (let count = 1; count <= MAX_PARTS; count *= 2) {
    const parts = await listParts(db, body.body, body.position, count)
    const isEnd = parts.at(-1)?.part === body.parts - 1
    const found = new Rest(body, parts, isEnd).findElements(max)
    if (found) return found
  }
  return { reason: 'an element is too large' }
}

/** A body from the first byte that is not done, as far as it was read. */
class Rest {
  readonly #body: LargeBody
  readonly #bytes: Buffer
  readonly #isEnd: boolean
  readonly #scanner: Scanner

  constructor(body: LargeBody, parts: readonly StoredPart[], isEnd: boolean) {
    const encoding = body.isUtf8 ? 'utf8' : 'latin1'
    const bytes = Buffer.concat(parts.map(({ content }) => Buffer.from(content, encoding)))
    this.#body = body
    this.#bytes = bytes.subarray(body.position - (parts[0]?.start ?? 0))
    this.#isEnd = isEnd
    this.#scanner = new Scanner(this.#bytes)
  }

  /** @returns undefined if more of the body has to be read first */
  findElements(max: number): Found | undefined {
    const shape = this.#body.shape ?? this.#begin()
    if (shape === 'array' && this.#body.elements > 0 && this.#skipSpace() === ',') {
      this.#scanner.position++
      if (this.#skipSpace() === ']') return this.#broken()
    } else if (this.#skipSpace() === (shape === 'array' ? ']' : undefined)) {
      return this.#finish(shape)
    } else if (shape === 'array' && this.#body.elements > 0) return this.#broken()
    return this.#take(shape, max)
  }

  #begin(): Shape {
    const hasMark = BYTE_ORDER_MARK.every((byte, index) => this.#bytes[index] === byte)
    if (hasMark) this.#scanner.position = BYTE_ORDER_MARK.length
    if (this.#skipSpace() !== '[') return 'objects'
    this.#scanner.position++
    return 'array'
  }

  /** Skips blanks. @returns the character after them; undefined at the end */
  #skipSpace(): string | undefined {
    this.#scanner.skipSpace()
    return this.#scanner.next
  }

  #finish(shape: Shape): Found | undefined {
    if (shape === 'array') this.#scanner.position++
    if (this.#skipSpace() !== undefined) return this.#broken()
    return this.#isEnd ? 'finished' : undefined
  }

  #broken(): Found | undefined {
    if (this.#scanner.position >= this.#bytes.length && !this.#isEnd) return undefined
    return {
      reason: `the body is not JSON from byte ${this.#body.position + this.#scanner.position} on`,
    }
  }

  #take(shape: Shape, max: number): Found | undefined {
    const isArray = shape === 'array'
    const rest = this.#bytes.subarray(this.#scanner.position)
    const text = isArray ? Buffer.concat([Buffer.from('['), rest]) : rest
    const { elements, count, shape: found, brokenAt } = sliceBody(text, max, max + 1)
    // A number or a word at the end of what was read may go on.
    const mayGoOn = !this.#isEnd && elements.length === count
    if (mayGoOn && !CLOSING.includes(text[(elements.at(-1)?.end ?? 0) - 1] ?? 0)) elements.pop()
    const [first, last] = [elements[0], elements.at(-1)]
    if (!first || !last || found !== shape) return this.#isEnd ? this.#broken() : undefined
    const taken = text.subarray(first.start, last.end)
    return {
      body: isArray ? Buffer.concat([Buffer.from('['), taken, Buffer.from(']')]) : taken,
      count: elements.length,
      next: this.#body.position + this.#scanner.position + last.end - (isArray ? 1 : 0),
      shape,
      isWhole: this.#isEnd && this.#body.elements + count === 1 && brokenAt === undefined,
    }
  }
}
