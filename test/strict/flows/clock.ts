import { VirtualClock } from '../index.ts'

/** The time of the Worker under test: that of its first event. */
export const clock = new VirtualClock(Date.UTC(2026, 0, 5, 7))
