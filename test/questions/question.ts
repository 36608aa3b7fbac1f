import type { Asker } from './ask.ts'
import type { Filled } from './receiver.ts'

/** What a question is asked of. */
export type Context = { asker: Asker; filled: Filled }

/** A question of a user, and how its answer is compared with the truth. */
export type Question = {
  id: string
  text: string
  /** @throws Error if the answer is wrong, or there is none */
  check(context: Context): Promise<void>
}
