import { HOUR_MS } from '../activity/clock.ts'

/** A stretch of time to read: UTC milliseconds at whole seconds, `until` not included. */
export type Window = { pull: number; since: number; until: number }

const SECOND_MS = 1_000
/** What a queue takes at once. */
const MAX_PARTS = 100

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

/** Whether a window is to be read, and not just cut into others. */
export function isReadable({ since, until }: Window): boolean {
  return until - since <= HOUR_MS
}

/**
 * The parts of a window: of a long one some hours each, of an hour or less its two halves. Empty where it
 * is a second, which is as far as Yespo's times go. The same window always has the same parts.
 */
export function splitWindow({ pull, since, until }: Window): Window[] {
  if (until - since > HOUR_MS) {
    const hours = Math.ceil((until - since) / HOUR_MS)
    const step = Math.ceil(hours / MAX_PARTS) * HOUR_MS
    return Array.from({ length: Math.ceil((until - since) / step) }, (_, place) => ({
      pull,
      since: since + place * step,
      until: Math.min(until, since + (place + 1) * step),
    }))
  }
  if (until - since <= SECOND_MS) return []
  const middle = since + Math.floor((until - since) / (2 * SECOND_MS)) * SECOND_MS
  return [
    { pull, since, until: middle },
    { pull, since: middle, until },
  ]
}
