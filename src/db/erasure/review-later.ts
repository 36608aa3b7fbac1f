import type { ErasedState } from './tombstones.ts'
import { isCompletePart, readReceivedAt } from '../../event/message.ts'
import { openMessage } from '../write/open-message.ts'

/** What the names of such notes begin with. */
export const NOTE = 'erasure.look.'

const WHOLE = ['element', 'bytes'] // that speak of one person, if any

/**
 * Notes what is set aside while it may be about someone who was forgotten, and no part of it alone tells:
 * what is long, and what holds several events. Each part that comes in has it looked at again.
 */
export function reviewLater(
  db: D1Database,
  texts: readonly string[],
  { newest }: ErasedState,
): D1PreparedStatement[] {
  const names = texts.flatMap((text) => {
    if (readReceivedAt(text) > newest) return []
    const rejected = openMessage(text)?.quarantine ?? []
    return rejected.flatMap(([request, elementIndex, part, kind, , sent]) =>
      isCompletePart(part, sent) && WHOLE.includes(kind) ? [] : `${NOTE}${request}.${elementIndex}`,
    )
  })
  if (names.length === 0) return []
  const sql = `
    INSERT INTO key_values (name, value) SELECT DISTINCT value, ?2 FROM json_each(?1) WHERE true
    ON CONFLICT (name) DO UPDATE SET value = excluded.value`
  return [db.prepare(sql).bind(JSON.stringify(names), crypto.randomUUID())]
}
