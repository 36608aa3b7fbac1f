import { DAY_MS, HOUR_MS } from '../event/clock.ts'
import type { TimeSlice } from '../db/sync/slices.ts'
import { withTimeout } from '../platform/timeout.ts'

const SECOND_MS = 1_000
const SEND_TIMEOUT_MS = 10_000 // the queue has been seen to hang

/** The maximum messages that a queue accepts at a time. */
export const MAX_PARTS = 100
const PIECES = [6, 2, 1] // hours

const KIND = /^\{"v":\d+,"run":/
const MESSAGE = /^\{"v":1,"run":(\d+),"since":(-?\d+),"until":(-?\d+),"sent":(\d+)\}$/

/** Sends slices to the queue, at most `MAX_PARTS`. @throws what the queue throws: any of them may have been sent */
export async function enqueueSlices(queue: Queue, slices: readonly TimeSlice[]): Promise<void> {
  const messages = slices.map((slice) => ({
    body: encodeSlice(slice),
    contentType: 'text' as const,
  }))
  await withTimeout('the queue', SEND_TIMEOUT_MS, queue.sendBatch(messages))
}

/** The text of the message that carries a slice. */
export function encodeSlice({ run, since, until, sent }: TimeSlice): string {
  return `{"v":1,"run":${run},"since":${since},"until":${until},"sent":${sent}}`
}

/**
 * Whether the body of a queue's message is a slice, of any version. No other message begins like one: messages of
 * events begin with a head of our own, long before Yespo's data.
 */
export function isSlice(body: unknown): boolean {
  return typeof body === 'string' && KIND.test(body)
}

/** Decodes a slice; undefined if the text is not a slice that this version can read. */
export function decodeSlice(text: string): TimeSlice | undefined {
  const [, ...digits] = MESSAGE.exec(text) ?? []
  const [run, since, until, sent] = digits.map(Number)
  if (run === undefined || since === undefined || until === undefined || sent === undefined) {
    return undefined
  }
  return { run, since, until, sent }
}

/** Whether a slice can be read without splitting: it lies within a day of UTC. */
export function isReadable({ since, until }: TimeSlice): boolean {
  return dayOf(since) === dayOf(until - 1)
}

/**
 * The parts of a slice: days, if it is longer than a day; then pieces of six hours, two hours and one hour; for an hour
 * or less, its two halves. Empty for a single second, the resolution of Yespo's times. Where parts end does not depend
 * on the start of the slice.
 */
export function splitSlice(slice: TimeSlice): TimeSlice[] {
  const { since, until } = slice
  const days = dayOf(until - 1) - dayOf(since) + 1
  if (days > 1) return cut(slice, dayOf(since) * DAY_MS, Math.ceil(days / MAX_PARTS) * DAY_MS)
  for (const hours of PIECES) {
    const parts = cut(slice, dayOf(since) * DAY_MS, hours * HOUR_MS)
    if (parts.length > 1) return parts
  }
  if (until - since <= SECOND_MS) return []
  return cut(slice, since, Math.ceil((until - since) / (2 * SECOND_MS)) * SECOND_MS)
}

/** The parts between multiples of a step, counted from a time. */
function cut(slice: TimeSlice, from: number, step: number): TimeSlice[] {
  const first = from + Math.floor((slice.since - from) / step) * step
  return Array.from({ length: Math.ceil((slice.until - first) / step) }, (_, index) => ({
    ...slice,
    since: Math.max(slice.since, first + index * step),
    until: Math.min(slice.until, first + (index + 1) * step),
  }))
}

function dayOf(time: number): number {
  return Math.floor(time / DAY_MS)
}
