import * as z from 'zod'
import type { ExactNumber } from '../event/exact-number.ts'

/** A time in a response. */
export function moment(description: string) {
  return z.int().meta({ description: `${description}: UTC milliseconds.` })
}

/** An integer from Yespo, which may have more digits than JavaScript's numbers. */
export function integer64() {
  // One reasoned cast: as JSON, both are integers.
  return z.int() as z.ZodType<number, number | ExactNumber>
}

/** The cursor of the next page. */
export function nextPage() {
  return z
    .string()
    .nullable()
    .meta({ description: 'The `cursor` of the next page; null on the last page.' })
}
