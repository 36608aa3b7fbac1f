import { encodeParts } from '../event/body-part.ts'
import { digest128 } from '../event/identity.ts'
import type { Envelope } from '../event/message.ts'
import type { BodyError } from './body-error.ts'
import { defer } from './defer.ts'
import type { Content } from './enqueue.ts'
import { Elements, MAX_ELEMENTS } from './parse-elements.ts'
import type { Rejected } from './quarantine-rejected.ts'
import { prepare, SMALL_BODY_BYTES } from './to-messages.ts'

/** The counts of the response; `received` and `deferred` are null for a body that is too large to be counted here. */
export type Receipt = {
  received: number | null
  accepted: number
  quarantined: Rejected[]
  /** How many elements the consumer will check. */
  deferred: number | null
}

export type ReceiveOptions = {
  plan: 'free' | 'paid'
  /** Zone of times that carry none, an IANA name. */
  timeZone: string
  /** Throws if the request is rejected because its body cannot be read. */
  rejectBroken: (error: BodyError) => Promise<void>
}

/** A body with more events is deferred: counting an event takes a fifth of the time of checking it. */
const MAX_CHECKED = 50

/** Counting a larger body takes a new isolate more processor time than the free plan has; sending it in parts does not. */
const MAX_COUNTED_BYTES = { free: 100_000, paid: Infinity } as const

/**
 * Turns a body into messages. A small one is checked here; of a large one, each message has some elements for the
 * consumer to check; and of one that is too large even for that, a part of its bytes.
 */
export async function receiveBody(
  body: Uint8Array,
  envelope: Envelope,
  { plan, timeZone, rejectBroken }: ReceiveOptions,
): Promise<{ messages: Content[]; receipt: Receipt }> {
  const isSmall = body.byteLength <= SMALL_BODY_BYTES
  const isCounted = body.byteLength <= MAX_COUNTED_BYTES[plan]
  let elements = isSmall ? new Elements(body) : undefined
  if (!elements || (!elements.error && elements.count > MAX_CHECKED)) {
    const deferred = isCounted ? defer(body, envelope, timeZone, plan) : undefined
    if (deferred) return { messages: deferred.messages, receipt: deferAll(deferred.count) }
    elements ??= isCounted ? new Elements(body) : undefined
  }
  if (elements?.error) await rejectBroken(elements.error)
  if (elements && isCheckedHere(elements, plan, isSmall)) {
    const { messages, ...counts } = prepare(elements, envelope, timeZone)
    return { messages, receipt: { ...counts, deferred: 0 } }
  }
  const count = elements && !elements.error ? elements.count : null
  return {
    messages: encodeParts(body, digest128(body), envelope, timeZone),
    receipt: deferAll(count),
  }
}

/** Whether a body's elements are few, or are not read at all. */
function isCheckedHere({ count }: Elements, plan: 'free' | 'paid', isSmall: boolean): boolean {
  return plan === 'paid' || count > MAX_ELEMENTS || (isSmall && count <= MAX_CHECKED)
}

function deferAll(count: number | null): Receipt {
  return { received: count, accepted: 0, quarantined: [], deferred: count }
}
