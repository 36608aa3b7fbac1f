import { clock } from './clock.ts'

/** Takes the place of `node:timers/promises`: time passes without waiting. */
export async function setTimeout(ms: number): Promise<void> {
  clock.advance(ms)
}
