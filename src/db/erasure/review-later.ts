import { isCompletePart, readReceivedAt } from '../../event/message.ts'
import { REVIEW_PREFIX } from '../keys.ts'
import { openMessage } from '../write/open-message.ts'
import type { ErasureState } from './tombstones.ts'

const SINGLE_KINDS = ['element', 'bytes'] // with at most one data subject

/**
 * Schedules a review of quarantined items that may be about erased data subjects although no single part shows it: long
 * items, and those of several events. Each new part schedules a review of its item.
 */
export function reviewLater(
  db: D1Database,
  texts: readonly string[],
  { newest }: ErasureState,
): D1PreparedStatement[] {
  const names = texts.flatMap((text) => {
    if (readReceivedAt(text) > newest) return []
    const rejected = openMessage(text)?.quarantine ?? []
    return rejected.flatMap(([request, elementIndex, part, kind, , sent]) => {
      const isDecided = isCompletePart(part, sent) && SINGLE_KINDS.includes(kind)
      return isDecided ? [] : `${REVIEW_PREFIX}${request}.${elementIndex}`
    })
  })
  if (names.length === 0) return []
  const sql = `
    INSERT INTO key_values (name, value) SELECT DISTINCT value, ?2 FROM json_each(?1) WHERE true
    ON CONFLICT (name) DO UPDATE SET value = excluded.value`
  return [db.prepare(sql).bind(JSON.stringify(names), crypto.randomUUID())]
}
