import { Buffer } from 'node:buffer'
import { digest128 } from '../../event/identity.ts'
import { NOTE } from '../erasure/review-later.ts'
import { groupBySize } from '../chunk-by-size.ts'
import { isFromApi, readReceivedAt, splitText } from '../../event/message.ts'
import { removeItems } from '../quarantine/changes.ts'

const MAX_CHUNK_BYTES = 1_000_000 // of a statement's one parameter; D1 takes 2 MB

const KEEP = `
  INSERT INTO quarantine (request, elementIndex, part, kind, reason, receivedAt, origin, labels, sent)
  SELECT value ->> 0, 0, value ->> 1, 'message', ?2, value ->> 2, value ->> 3, NULL, value ->> 4
  FROM json_each(?1) WHERE true
  ON CONFLICT (request, elementIndex, part) DO NOTHING`

// Nobody has looked yet whether it is about someone who was erased: that is done later, if it stays.
const REVIEW_LATER = `
  INSERT INTO key_values (name, value) SELECT DISTINCT '${NOTE}' || (value ->> 0) || '.0', ?2 FROM json_each(?1) WHERE true
  ON CONFLICT (name) DO UPDATE SET value = excluded.value`

/**
 * Writes messages of the queue into quarantine as they are, with next to no processing: whatever
 * keeps them from being stored, even an end of the invocation in the middle of it, does not lose them.
 * Keeping one again costs nothing.
 *
 * @param reason says why
 * @throws what D1 throws
 */
export async function keepRaw(
  db: D1Database,
  texts: readonly string[],
  reason: string,
): Promise<void> {
  const parts = texts.flatMap((text) => {
    const [request, receivedAt] = [digest128(text), readReceivedAt(text) || Date.now()]
    const origin = isFromApi(text) ? 'api' : 'webhook'
    return splitText(text).map((sent, part) =>
      JSON.stringify([request, part, receivedAt, origin, sent]),
    )
  })
  for (const group of groupBySize(parts, Buffer.byteLength, { bytes: MAX_CHUNK_BYTES })) {
    const list = `[${group.join(',')}]`
    await db.batch([
      db.prepare(KEEP).bind(list, reason),
      db.prepare(REVIEW_LATER).bind(list, crypto.randomUUID()),
    ])
  }
}

/** Removes messages that `keepRaw` wrote, as they are stored now. */
export async function removeRaw(db: D1Database, texts: readonly string[]): Promise<void> {
  await removeItems(
    db,
    texts.map((text) => ({ request: digest128(text), elementIndex: 0 })),
  )
}
