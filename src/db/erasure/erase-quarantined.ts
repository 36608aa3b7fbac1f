import { ADD_REMOVED, type Step, type StepResult } from './erasures.ts'
import { deleteErased, listWholeItems, redactFrom } from './redact-items.ts'
import { subjectMatcher } from './subject.ts'

const STEP_LENGTH = 4_000_000 // characters to read at a time, unless a single item has more

/** Erases the data subject from the next quarantined items: whole items, or their part of items with several events. */
export async function eraseQuarantined(step: Step): Promise<StepResult> {
  const { db, number, target, erasedAt, tries } = step
  const [request, elementIndex] = target.cursor ?? []
  const after =
    request === undefined ? null : { request: String(request), elementIndex: Number(elementIndex) }
  // If a step took too long, smaller ones may succeed.
  const { items, isEnd } = await listWholeItems(db, after, STEP_LENGTH >> Math.max(0, tries - 1))
  const isMatch = subjectMatcher(target)
  const { gone, last } = await redactFrom(
    db,
    items,
    (subject, { receivedAt }) => receivedAt <= erasedAt && isMatch(subject),
  )
  const changes = await deleteErased(db, gone, erasedAt)
  if (gone.length > 0) changes.push(db.prepare(ADD_REMOVED).bind(number, 'quarantineParts'))
  const isOver = !last || (isEnd && last === items.at(-1))
  return {
    next: isOver
      ? { ...target, stage: 'archive', cursor: null }
      : { ...target, cursor: [last.request, last.elementIndex] },
    changes,
  }
}
