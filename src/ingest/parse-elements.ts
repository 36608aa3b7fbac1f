import { Buffer, isUtf8 } from 'node:buffer'
import { parseScanned } from '../event/exact-number.ts'
import { showName } from '../event/normalize.ts'
import { countValues, listDropped, type Dropped } from '../event/repeated-key.ts'
import { sliceBody, type Slice, type Slices } from '../event/slice-elements.ts'
import { MAX_ROW_BYTES } from '../event/message.ts'
import { findBodyError, type BodyError } from './body-error.ts'

/** The value of an element, or why it was not read. */
export type ElementValue = { value: unknown } | { reason: string }

/** A piece of a body; with `isBytes` it is not UTF-8, and has a character per byte (ISO 8859-1). */
export type Source = { text: string; isBytes: boolean }

/** More than Yespo sends in a body; a body with more becomes one quarantined item. */
export const MAX_ELEMENTS = 30_000

// Each parsed value takes memory, however short its text; an event from Yespo has some thirty.
const MAX_VALUES = 5_000

export const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf]

const COMMA = Buffer.from(',')

/**
 * The elements of one request's body, in order: those of an array, or a single object, or objects in a
 * row. One pass finds them and what parsing them costs; each is parsed separately, on request.
 */
export class Elements {
  /** As it was sent. */
  readonly body: Uint8Array
  /** Why the body cannot be read; the elements before that place are available. */
  readonly error: BodyError | undefined
  readonly #bytes: Uint8Array
  readonly #slices: Slices
  readonly #isUtf8: boolean

  constructor(body: Uint8Array) {
    this.body = body
    const hasMark = BYTE_ORDER_MARK.every((byte, index) => body[index] === byte)
    this.#bytes = hasMark ? body.subarray(BYTE_ORDER_MARK.length) : body
    this.#isUtf8 = isUtf8(this.#bytes)
    this.#slices = sliceBody(this.#bytes, MAX_ELEMENTS)
    this.error = findBodyError(this.#bytes, this.#slices)
  }

  get count(): number {
    return this.#slices.count
  }

  /** Whether the body is one object, and not an array. */
  get isSingle(): boolean {
    return this.#slices.shape === 'objects' && this.count === 1
  }

  /** The value of an element, with every digit. */
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
    // `JSON.parse` keeps one value of a repeated key.
    const isAll = countValues(value) === slice.values
    const dropped = isAll ? undefined : listDropped(decodeSource(bytes).text).next().value
    return dropped ? { reason: describeDropped(dropped) } : { value }
  }

  /** The bytes of an element, as they were sent. */
  bytesOf(index: number): Uint8Array {
    const { start, end } = this.#sliceAt(index)
    return this.#bytes.subarray(start, end)
  }

  /** The text of an element, as it was sent. */
  sourceOf(index: number): Source {
    return decodeSource(this.bytesOf(index))
  }

  /** An array of some of the elements, each as it was sent. */
  arrayOf(indexes: readonly number[]): Source {
    const pieces = indexes.flatMap((index, position) => {
      const piece = this.bytesOf(index)
      return position > 0 ? [COMMA, piece] : [piece]
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

/** Bytes as text; with a character per byte if they are not UTF-8. */
export function decodeSource(bytes: Uint8Array): Source {
  const { buffer, byteOffset, byteLength } = bytes
  const isBytes = !isUtf8(bytes)
  const text = Buffer.from(buffer, byteOffset, byteLength).toString(isBytes ? 'latin1' : 'utf8')
  return { text, isBytes }
}
