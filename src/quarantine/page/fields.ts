import * as z from 'zod'
import { EVERY_REASON } from '../delete.ts'
import { cursorAfter } from '../item-id.ts'
import { text } from '../../http/query-fields.ts'

const count = z
  .string()
  .regex(/^\d{1,9}$/, 'has to be a number')
  .transform(Number)
  .optional()

/** What came of the steps of an action so far; `total` is how many there were to begin with. */
export const outcomeFields = {
  replayed: count,
  events: count,
  still: count,
  deleted: count,
  total: count,
}

/** What came of an action. */
export type Outcome = { [Name in keyof typeof outcomeFields]?: number | undefined }

/** A reason of the list: pages never act on everything by a word in their address. */
export const oneReason = text.refine(
  (reason) => reason !== EVERY_REASON,
  'has to be a reason of the list',
)

/** Where a page, or a step, begins. */
export const place = cursorAfter('of a link or a form of this page').optional()
