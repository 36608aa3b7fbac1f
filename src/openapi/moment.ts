import * as z from 'zod'

/** A time in an answer. */
export const moment = (description: string) =>
  z.int().meta({ description: `${description}: UTC milliseconds.` })
