import { DAY_MS, HOUR_MS } from '../event/clock.ts'
import type { TimeSlice } from '../db/sync/slices.ts'

const SECOND_MS = 1_000
/** What a queue takes at once. */
export const MAX_PARTS = 100
const PIECES = [6, 2, 1] // hours

const KIND = /^\{"v":\d+,"pull":/
const MESSAGE = /^\{"v":1,"pull":(\d+),"since":(-?\d+),"until":(-?\d+),"sent":(\d+)\}$/

/** The text of the message that carries a window. */
export function encodeSlice({ run: pull, since, until, sent }: TimeSlice): string {
  return `{"v":1,"pull":${pull},"since":${since},"until":${until},"sent":${sent}}`
}

/**
 * Whether the body of a queue's message is a window, of whatever version. No other message begins like one: those
 * of events have a heading of our own, and what Yespo sends comes far behind it.
 */
export function isSlice(body: unknown): boolean {
  return typeof body === 'string' && KIND.test(body)
}

/** Undefined where a text is no window that this version reads. */
export function decodeSlice(text: string): TimeSlice | undefined {
  const [, ...digits] = MESSAGE.exec(text) ?? []
  const [pull, since, until, sent] = digits.map(Number)
  if (pull === undefined || since === undefined || until === undefined || sent === undefined) {
    return undefined
  }
  return { run: pull, since, until, sent }
}

/** Whether a window is to be read, and not just cut into others: it lies within a day of UTC. */
export function isReadable({ since, until }: TimeSlice): boolean {
  return dayOf(since) === dayOf(until - 1)
}

/**
 * The parts of a window: the days of a long one; of one within a day pieces of six hours, two hours and one; of an
 * hour or less its two halves. Empty where it is a second, which is as far as Yespo's times go. Parts end at the
 * same times whatever the window begins with.
 */
export function splitSlice(window: TimeSlice): TimeSlice[] {
  const { since, until } = window
  const days = dayOf(until - 1) - dayOf(since) + 1
  if (days > 1) return cut(window, dayOf(since) * DAY_MS, Math.ceil(days / MAX_PARTS) * DAY_MS)
  for (const hours of PIECES) {
    const parts = cut(window, dayOf(since) * DAY_MS, hours * HOUR_MS)
    if (parts.length > 1) return parts
  }
  if (until - since <= SECOND_MS) return []
  return cut(window, since, Math.ceil((until - since) / (2 * SECOND_MS)) * SECOND_MS)
}

/** The parts between the multiples of a step from a time on. */
function cut(window: TimeSlice, from: number, step: number): TimeSlice[] {
  const first = from + Math.floor((window.since - from) / step) * step
  return Array.from({ length: Math.ceil((window.until - first) / step) }, (_, place) => ({
    ...window,
    since: Math.max(window.since, first + place * step),
    until: Math.min(window.until, first + (place + 1) * step),
  }))
}

function dayOf(time: number): number {
  return Math.floor(time / DAY_MS)
}
