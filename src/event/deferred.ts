import type { Envelope } from './message.ts'

/** Elements of a large body, in order, as they were sent: the consumer checks them, the edge only counted them. */
export type DeferredSlice = {
  count: number
  /** `digest128` of the body. */
  request: string
  /** Index in the body of the first element, from 0. */
  firstIndex: number
  /** Zone of times that carry none, an IANA name. */
  zone: string
  /** The elements that have the same meaning as earlier ones of the body: index in this slice, and how many. */
  ordinals: readonly (readonly [index: number, ordinal: number])[]
  /** If some were removed, the index of each of the others, counted from `firstIndex`. */
  indexes?: readonly number[] | undefined
  /** Whether it was tried in vain, and sent again. */
  wasTried?: boolean | undefined
  /** JSON text of an array. */
  elements: string
}

/** A message of a slice. */
export type DeferredMessage = { slice: DeferredSlice; envelope: Envelope }

const HEADER = /^\{"v":1,"deferred":(\d+),/
const BEFORE_ELEMENTS = ',"elements":'

/** The text of a queue message that has a slice. */
export function encodeDeferred(slice: DeferredSlice, envelope: Envelope): string {
  const { count, elements, ...others } = slice
  const fields = JSON.stringify({ ...envelope, ...others }).slice(1, -1)
  return `{"v":1,"deferred":${count},${fields}${BEFORE_ELEMENTS}${elements}}`
}

/** How many elements a message defers; undefined if it is not of this kind. */
export function countDeferred(text: string): number | undefined {
  const match = HEADER.exec(text)
  return match ? Number(match[1]) : undefined
}

/** The opposite of `encodeDeferred`; undefined for a message of another kind. */
export function decodeDeferred(text: string): DeferredMessage | undefined {
  const count = countDeferred(text)
  if (count === undefined) return undefined
  // Not parsed as a whole, as the elements keep every digit; the fields before them cannot have this text.
  const end = text.indexOf(BEFORE_ELEMENTS)
  const fields = JSON.parse(`${text.slice(0, end)}}`) as Envelope & DeferredSlice
  const { receivedAt, origin, labels, request, firstIndex, zone, ordinals, indexes, wasTried } =
    fields
  const elements = text.slice(end + BEFORE_ELEMENTS.length, -1)
  return {
    slice: { count, request, firstIndex, zone, ordinals, indexes, wasTried, elements },
    envelope: { receivedAt, origin, labels },
  }
}

/**
 * A slice with some of its elements only, which keep their ordinals and their indexes in the body.
 *
 * @param all its elements, each as it was sent
 * @param picked indexes in the slice, in order
 */
export function pickElements(
  slice: DeferredSlice,
  all: readonly string[],
  picked: readonly number[],
): DeferredSlice {
  const ordinals = new Map(slice.ordinals)
  return {
    ...slice,
    count: picked.length,
    ordinals: picked.flatMap((index, now) => {
      const ordinal = ordinals.get(index)
      return ordinal === undefined ? [] : [[now, ordinal] as const]
    }),
    indexes: picked.map((index) => slice.indexes?.[index] ?? index),
    elements: `[${picked.map((index) => all[index]).join(',')}]`,
  }
}
