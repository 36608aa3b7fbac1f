import { Buffer } from 'node:buffer'
import {
  decodeDeferred,
  encodeDeferred,
  pickElements,
  type DeferredSlice,
} from '../event/deferred.ts'
import { encodeQuarantined, packMessages, type Envelope } from '../event/message.ts'
import { sliceElements } from '../event/slice-elements.ts'
import { Elements } from './parse-elements.ts'
import { prepare } from './to-messages.ts'

const TOO_SLOW = 'checking the event takes more processor time than the plan allows'

/** The message that the edge would have made of a deferred one; any other message as it is. */
export function checkDeferred(text: string): string {
  const deferred = decodeDeferred(text)
  if (!deferred) return text
  const { slice, envelope } = deferred
  const ordinals = new Map(slice.ordinals)
  const countDuplicates = (_id: string, index: number) => ordinals.get(index) ?? 0
  const elements = new Elements(Buffer.from(slice.elements))
  const of = { ...slice, isWhole: false, countDuplicates }
  const { messages } = prepare(elements, envelope, slice.zone, of, Infinity)
  return messages[0] ?? ''
}

/**
 * Splits a deferred message that may have killed its invocation, as checking it took too long. A single element is
 * quarantined the second time: it may first have come to a version that did not start, or waited for the queue to
 * take its events.
 *
 * @returns undefined for any other message
 */
export function splitDeferred(text: string): string[] | undefined {
  const deferred = decodeDeferred(text)
  if (!deferred) return undefined
  const { slice, envelope } = deferred
  if (slice.count === 1) {
    const { wasTried } = slice
    return [
      wasTried
        ? quarantine(slice, envelope)
        : encodeDeferred({ ...slice, wasTried: true }, envelope),
    ]
  }
  const all = sliceElements(slice.elements)
  const indexes = [...all.keys()]
  const middle = all.length >> 1
  return [indexes.slice(0, middle), indexes.slice(middle)].map((half) =>
    encodeDeferred(pickElements(slice, all, half), envelope),
  )
}

function quarantine(
  { request, firstIndex, indexes, elements }: DeferredSlice,
  envelope: Envelope,
): string {
  const item = {
    kind: 'element',
    request,
    elementIndex: firstIndex + (indexes?.[0] ?? 0),
    reason: TOO_SLOW,
    sent: elements.slice(1, -1),
  } as const
  return packMessages(envelope, [], encodeQuarantined(item), Infinity)[0] ?? ''
}
