import { VirtualClock } from '../index.ts'

const START = Date.UTC(2026, 0, 5, 7)

/** The time of the Worker under test: that of its first event. */
export let clock = new VirtualClock(START)

/** A clock never goes back, so the next isolate of a process gets a new one. */
export function restartClock(): void {
  clock = new VirtualClock(START)
}
