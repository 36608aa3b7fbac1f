import { Buffer, isUtf8 } from 'node:buffer'
import { encodeDeferred } from '../event/deferred.ts'
import { countSeen, createIdentifier, digest128, type Identify } from '../event/identity.ts'
import { writeOutline } from '../event/meaning.ts'
import type { Envelope } from '../event/message.ts'
import { normalize } from '../event/normalize.ts'
import { Elements, MAX_ELEMENTS, type ElementValue } from './parse-elements.ts'

/** Checking and storing so many takes the consumer some milliseconds, also in a new isolate. */
const SLICE_EVENTS = 64

const SLICE_LENGTH = 30_000 // characters
const MAX_SLICE_LENGTH = 40_000 // even in three-byte characters, these fit into a message
const MAX_CUTS = 8

// Between two objects, as serializers write them, and with blanks.
const BETWEEN = '},{'
const SPACED = /\}[ \t\n\r]+,|,[ \t\n\r]+\{/

// Comparing events whole takes as long as checking them. Few of a body have the same outline.
const MAX_COMPARED = { free: 300, paid: Infinity } as const

const decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true })

const START = /^[ \t\n\r]*\[[ \t\n\r]*(?=\{)/
const BETWEEN_OBJECTS = /[ \t\n\r]*,[ \t\n\r]*(?=\{)/y
const BLANK = /^[ \t\n\r]*$/

/** A piece of an array's text, its elements with numbers as JavaScript has them, and where the next piece starts. */
type Slice = { text: string; elements: readonly unknown[]; next: number }

/**
 * The messages of a large body whose elements the consumer checks: see `DeferredSlice`. Takes a fraction of the time
 * of checking them: each slice is parsed natively, which also proves that it ends between two elements.
 *
 * @param zone of times that carry none, an IANA name
 * @returns undefined if the body is not an array of objects, or one of them is too large for a message
 */
export function defer(
  body: Uint8Array,
  envelope: Envelope,
  zone: string,
  plan: keyof typeof MAX_COMPARED,
): { messages: string[]; count: number } | undefined {
  if (!isUtf8(body)) return undefined
  const text = decoder.decode(body)
  const request = digest128(body)
  const duplicates = new Duplicates(zone)
  const messages: string[] = []
  let firstIndex = 0
  for (const slice of cutArray(text)) {
    if (!slice) return undefined
    const count = slice.elements.length
    const ordinals = duplicates.find(slice)
    const elements = `[${slice.text}]`
    messages.push(
      encodeDeferred({ count, request, firstIndex, zone, ordinals, elements }, envelope),
    )
    firstIndex += count
    if (firstIndex > MAX_ELEMENTS || duplicates.compared > MAX_COMPARED[plan]) return undefined
  }
  return { messages, count: firstIndex }
}

/** Cuts the text of an array of objects; the last slice is undefined if that fails. */
function* cutArray(text: string): Generator<Slice | undefined> {
  let start = START.exec(text)?.[0].length
  let length = SLICE_LENGTH
  while (start !== undefined && start < text.length) {
    const slice = cutSlice(text, start, length)
    if (!slice) break
    const { length: count } = slice.elements
    const fitting = Math.min(SLICE_LENGTH, Math.ceil((slice.text.length / count) * SLICE_EVENTS))
    const isTooLong = count > 2 * SLICE_EVENTS && fitting < length
    length = fitting
    // The first one shows how long elements are.
    if (isTooLong) continue
    yield slice
    start = slice.next
  }
  if (start !== text.length) yield undefined
}

/** The slice that begins there: of about this length, unless its elements are longer. */
function cutSlice(text: string, start: number, length: number): Slice | undefined {
  if (text.length - start <= length) return cutRest(text, start)
  const before = cutBefore(text, start, start + length)
  if (before || length >= MAX_SLICE_LENGTH) return before
  return cutSlice(text, start, MAX_SLICE_LENGTH)
}

function cutBefore(text: string, start: number, limit: number): Slice | undefined {
  let end = limit
  for (let cuts = 0; cuts < MAX_CUTS; cuts++) {
    end = text.lastIndexOf('}', end - 1)
    if (end <= start) return undefined
    BETWEEN_OBJECTS.lastIndex = end + 1
    const between = BETWEEN_OBJECTS.exec(text)
    const elements = between ? parseArray(text.slice(start, end + 1)) : undefined
    if (elements) {
      return { text: text.slice(start, end + 1), elements, next: BETWEEN_OBJECTS.lastIndex }
    }
  }
  return undefined
}

function cutRest(text: string, start: number): Slice | undefined {
  const end = text.lastIndexOf(']')
  if (end < start || !BLANK.test(text.slice(end + 1))) return undefined
  const rest = text.slice(start, end)
  const elements = parseArray(rest)
  return elements && { text: rest, elements, next: text.length }
}

/** The elements if the text is exactly the inside of an array, with at least one; undefined if not. */
function parseArray(inside: string): unknown[] | undefined {
  try {
    const elements = JSON.parse(`[${inside}]`) as unknown[]
    return elements.length > 0 ? elements : undefined
  } catch {
    return undefined // also for an array that is nested too deep
  }
}

/** A slice whose elements are read with every digit, if any of them is compared. */
class ComparedSlice {
  readonly #text: string
  readonly #count: number
  #pieces: string[] | undefined
  #elements: Elements | undefined

  constructor(text: string, count: number) {
    this.#text = text
    this.#count = count
  }

  read(index: number): ElementValue {
    this.#pieces ??= SPACED.test(this.#text) ? [] : this.#text.split(BETWEEN)
    // As many pieces as elements are these: otherwise, a text or a list inside of one has the same characters.
    if (this.#pieces.length === this.#count) {
      const isLast = index === this.#count - 1
      const piece = `${index > 0 ? '{' : ''}${this.#pieces[index]}${isLast ? '' : '}'}`
      return new Elements(Buffer.from(`[${piece}]`)).read(0)
    }
    this.#elements ??= new Elements(Buffer.from(`[${this.#text}]`))
    return this.#elements.read(index)
  }
}

/** An element of a slice. */
type Position = { slice: ComparedSlice; index: number }

/** Finds the events of a body that have the same meaning, which only their order tells apart. */
class Duplicates {
  /** How many events were compared whole. */
  compared = 0
  readonly #zone: string
  /** The first event of each outline, until it has been compared. */
  readonly #first = new Map<string, Position | undefined>()
  readonly #identify: Identify
  #ordinal = 0

  /** @param zone of times that carry none, an IANA name */
  constructor(zone: string) {
    this.#zone = zone
    const count = countSeen()
    this.#identify = createIdentifier('webhook', (id, index) => (this.#ordinal = count(id, index)))
  }

  /** Index and ordinal of each event of the next slice that has the same meaning as earlier ones. */
  find({ text, elements }: Slice): [index: number, ordinal: number][] {
    const ordinals: [number, number][] = []
    const slice = new ComparedSlice(text, elements.length)
    for (const [index, element] of elements.entries()) {
      if (typeof element !== 'object' || element === null) continue
      const outline = writeOutline(element)
      const position = { slice, index }
      if (!this.#first.has(outline)) {
        this.#first.set(outline, position)
        continue
      }
      const first = this.#first.get(outline)
      if (first) this.#compare(first)
      this.#first.set(outline, undefined)
      const ordinal = this.#compare(position)
      if (ordinal > 0) ordinals.push([index, ordinal])
    }
    return ordinals
  }

  /** How many events before this one have its meaning, read with every digit as the consumer does. */
  #compare({ slice, index }: Position): number {
    this.compared++
    const read = slice.read(index)
    this.#ordinal = 0
    if ('value' in read) normalize(read.value, this.#identify, this.#zone)
    return this.#ordinal
  }
}
