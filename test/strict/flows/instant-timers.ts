/** Takes the place of `node:timers/promises`: who waits moves the clock on, and waits for nothing. */
import { clock } from './clock.ts'

export async function setTimeout(ms: number): Promise<void> {
  clock.advance(ms)
}
