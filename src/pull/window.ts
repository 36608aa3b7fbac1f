import { DAY_MS, HOUR_MS } from '../activity/clock.ts'

/** A stretch of time to read: UTC milliseconds at whole seconds, `until` not included. */
export type Window = { pull: number; since: number; until: number }

const SECOND_MS = 1_000
/** What a queue takes at once. */
export const MAX_PARTS = 100
const PARTS_OF_DAY = 4

const MESSAGE = /^\{"v":1,"pull":(\d+),"since":(-?\d+),"until":(-?\d+)\}$/

/** The text of the message that carries a window. */
export function encodeWindow({ pull, since, until }: Window): string {
  return `{"v":1,"pull":${pull},"since":${since},"until":${until}}`
}

/** Undefined where a text is no window that this version reads. */
export function decodeWindow(text: string): Window | undefined {
  const [, pull, since, until] = MESSAGE.exec(text) ?? []
  if (until === undefined) return undefined
  return { pull: Number(pull), since: Number(since), until: Number(until) }
}

/** Whether a window is to be read, and not just cut into others: it lies within a day of UTC. */
export function isReadable({ since, until }: Window): boolean {
  return dayOf(since) === dayOf(until - 1)
}

/**
 * The parts of a window: the days of a long one, of one within a day up to four of whole hours each, of an hour
 * or less its two halves. Empty where it is a second, which is as far as Yespo's times go. The same window
 * always has the same parts.
 */
export function splitWindow(window: Window): Window[] {
  const { since, until } = window
  if (!isReadable(window)) {
    const days = dayOf(until - 1) - dayOf(since) + 1
    const step = Math.ceil(days / MAX_PARTS) * DAY_MS
    return cut(window, dayOf(since) * DAY_MS, step)
  }
  const hours = Math.ceil((until - since) / HOUR_MS)
  if (hours > 1) return cut(window, since, Math.ceil(hours / PARTS_OF_DAY) * HOUR_MS)
  if (until - since <= SECOND_MS) return []
  return cut(window, since, Math.ceil((until - since) / (2 * SECOND_MS)) * SECOND_MS)
}

/** The parts between multiples of a step from a time on. */
function cut({ pull, since, until }: Window, from: number, step: number): Window[] {
  return Array.from({ length: Math.ceil((until - from) / step) }, (_, place) => ({
    pull,
    since: Math.max(since, from + place * step),
    until: Math.min(until, from + (place + 1) * step),
  }))
}

function dayOf(time: number): number {
  return Math.floor(time / DAY_MS)
}
