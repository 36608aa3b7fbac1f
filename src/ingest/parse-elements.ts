import { Buffer, isUtf8 } from 'node:buffer'
import { parseScanned } from '../event/exact-number.ts'
import { showName } from '../event/normalize.ts'
import { countValues, listDropped, type Dropped } from '../event/repeated-key.ts'
import { sliceBody, type Slice, type Slices } from '../event/slice-elements.ts'
import { MAX_ROW_BYTES } from '../event/message.ts'
import { findBodyError, type BodyError } from './body-error.ts'

/** What an element says, or why it was not read. */
export type ElementValue = { value: unknown } | { reason: string }

/** A piece of a body; with `isBytes` it is not UTF-8, and has a character for each byte (ISO 8859-1). */
export type Source = { text: string; isBytes: boolean }

/** More than any body of Yespo's has; one that has is set aside in one piece. */
export const MAX_ELEMENTS = 30_000

// A value takes memory when it is read, however short its text is; an event of Yespo's has some thirty.
const MAX_VALUES = 5_000

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf]

const COMMA = Buffer.from(',')

/**
 * The elements of one request's body, in order: those of an array, or a single object, or objects one after
 * the other. Each is read by itself, when it is asked for. One pass finds them and what they cost.
 */
export class Elements {
  /** As it was sent. */
  readonly body: Uint8Array
  /** Why it cannot be read; elements that stand before that place are there. */
  readonly fault: BodyError | undefined
  readonly #bytes: Uint8Array
  readonly #slices: Slices
  readonly #isUtf8: boolean

  constructor(body: Uint8Array) {
    this.body = body
    const hasMark = BYTE_ORDER_MARK.every((byte, place) => body[place] === byte)
    this.#bytes = hasMark ? body.subarray(BYTE_ORDER_MARK.length) : body
    this.#isUtf8 = isUtf8(this.#bytes)
    this.#slices = sliceBody(this.#bytes, MAX_ELEMENTS)
    this.fault = findBodyError(this.#bytes, this.#slices)
  }

  /** How many there are. */
  get count(): number {
    return this.#slices.count
  }

  /** Whether the body is one event, and no array. */
  get isSingle(): boolean {
    return this.#slices.shape === 'objects' && this.count === 1
  }

  /** What an element says, to the digit. */
  read(index: number): ElementValue {
    const slice = this.#sliceAt(index)
    // Escaped, as it is stored, a control character takes six bytes.
    if (slice.end - slice.start + slice.controls * 5 > MAX_ROW_BYTES) {
      return { reason: `the event is larger than ${MAX_ROW_BYTES} bytes` }
    }
    if (slice.values > MAX_VALUES) return { reason: `the event has more than ${MAX_VALUES} values` }
    const bytes = this.bytesOf(index)
    if (!this.#isUtf8 && !isUtf8(bytes)) return { reason: 'the event has bytes that are not UTF-8' }
    const value = parseScanned(bytes, slice)
    // `JSON.parse` keeps one value of a key that comes twice.
    const isAll = countValues(value) === slice.values
    const dropped = isAll ? undefined : listDropped(decodeSource(bytes).text).next().value
    return dropped ? { reason: describeDropped(dropped) } : { value }
  }

  /** The piece of the body that an element is, as it was sent. */
  bytesOf(index: number): Uint8Array {
    const { start, end } = this.#sliceAt(index)
    return this.#bytes.subarray(start, end)
  }

  /** The same as text. */
  sourceOf(index: number): Source {
    return decodeSource(this.bytesOf(index))
  }

  /** An array of some of the elements, each as it was sent. */
  arrayOf(indexes: readonly number[]): Source {
    const pieces = indexes.flatMap((index, place) => {
      const piece = this.bytesOf(index)
      return place > 0 ? [COMMA, piece] : [piece]
    })
    return decodeSource(Buffer.concat([Buffer.from('['), ...pieces, Buffer.from(']')]))
  }

  #sliceAt(index: number): Slice {
    const slice = this.#slices.elements[index]
    if (!slice) throw new RangeError('there is no such element')
    return slice
  }
}

function describeDropped({ name, isInside }: Dropped): string {
  const shown = showName(name)
  return isInside ? `a key inside ${shown} is given twice` : `${shown} is given twice`
}

/** Bytes as text; with a character for each if they are not UTF-8. */
export function decodeSource(bytes: Uint8Array): Source {
  const { buffer, byteOffset, byteLength } = bytes
  const isBytes = !isUtf8(bytes)
  const text = Buffer.from(buffer, byteOffset, byteLength).toString(isBytes ? 'latin1' : 'utf8')
  return { text, isBytes }
}
