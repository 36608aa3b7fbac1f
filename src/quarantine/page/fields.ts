import * as z from 'zod'
import { EVERY_REASON } from '../delete.ts'
import { cursorAfter } from '../api.ts'
import { text } from '../../http/query-fields.ts'
import { optionalCount } from '../../web/page-query.ts'

/** The outcome of an action's steps so far; `total` is the number of items before the first. */
export const outcomeFields = {
  replayed: optionalCount,
  events: optionalCount,
  still: optionalCount,
  deleted: optionalCount,
  total: optionalCount,
}

/** The outcome of an action. */
export type Outcome = { [Name in keyof typeof outcomeFields]?: number | undefined }

/** A reason of the list: a page never deletes everything because of a word in its URL. */
export const oneReason = text.refine(
  (reason) => reason !== EVERY_REASON,
  'must be a reason of the list',
)

/** The cursor at which a page or a step begins. */
export const itemCursor = cursorAfter('from a link or a form of this page').optional()

/** The fields of a step that deletes the items of a reason, for the question and its form. */
export const deleteFields = z.strictObject({
  reason: oneReason,
  cursor: itemCursor,
  deleted: outcomeFields.deleted,
})
