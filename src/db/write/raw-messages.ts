import { digest128 } from '../../event/identity.ts'
import { isFromApi, readReceivedAt, splitText } from '../../event/message.ts'
import { withTimeout } from '../../platform/timeout.ts'
import { redactItems } from '../erasure/redact-items.ts'
import { classifyError } from '../errors.ts'
import { RAW_PREFIX } from '../keys.ts'
import * as kv from '../kv.ts'
import { removeItems } from '../quarantine/changes.ts'
import { findItem } from '../quarantine/list.ts'
import { bindList, runAll } from '../statements.ts'
import { saveMessages } from './save-messages.ts'

// After so many tries, a message that kills its invocation, or fails for an unknown reason, is left to people.
const MAX_TRIES = 20
const TRIES = /^tries:(\d+) /
const SAVE_TIMEOUT_MS = 20_000

/** The maximum number of statements of `storeRaw`. */
export const STORE_STATEMENTS = 16

const KEEP = `
  INSERT INTO quarantine (request, elementIndex, part, kind, reason, receivedAt, origin, labels, sent)
  SELECT value ->> 0, 0, value ->> 1, 'message', ?2, value ->> 2, value ->> 3, NULL, value ->> 4
  FROM json_each(?1) WHERE true
  ON CONFLICT (request, elementIndex, part) DO NOTHING`

const STORE_LATER = `
  INSERT INTO key_values (name, value) SELECT '${RAW_PREFIX}' || value, ?2 FROM json_each(?1) WHERE true
  ON CONFLICT (name) DO UPDATE SET value = excluded.value`

/**
 * Quarantines messages of the queue as they are, almost without processing, so that they survive whatever prevents
 * storing them, even if it kills the invocation. A task tries to store them: see `storeRaw`.
 *
 * @param reason for people
 * @throws what D1 throws
 */
export async function keepRaw(
  db: D1Database,
  texts: readonly string[],
  reason: string,
): Promise<void> {
  const digests = new Set<string>()
  const parts = texts.flatMap((text) => {
    const request = digest128(text)
    digests.add(request)
    const receivedAt = readReceivedAt(text) || Date.now()
    const origin = isFromApi(text) ? 'api' : 'webhook'
    return splitText(text).map((sent, part) => [request, part, receivedAt, origin, sent])
  })
  const list = JSON.stringify([...digests])
  const storeLater = db.prepare(STORE_LATER).bind(list, crypto.randomUUID())
  // In batches, as D1 may not accept all of them together.
  for (const [index, keep] of bindList(db, KEEP, parts, reason).entries()) {
    await db.batch(index === 0 ? [storeLater, keep] : [keep])
  }
}

/** Deletes messages that `keepRaw` wrote, once they are stored. */
export async function removeRaw(db: D1Database, texts: readonly string[]): Promise<void> {
  await removeItems(
    db,
    texts.map((text) => ({ request: digest128(text), elementIndex: 0 })),
  )
}

/** The next raw message to store, in turns; null if there is none. */
export function takeRaw(db: D1Database): Promise<kv.Entry | null> {
  return kv.takeNext(db, RAW_PREFIX)
}

/**
 * Tries to store a raw message, and deletes it from quarantine if that succeeds. Otherwise, at least removes data of
 * erased subjects.
 *
 * @param check makes a message of one whose elements still have to be checked
 * @throws what D1 throws if it is unavailable, which does not count as a try
 */
export async function storeRaw(
  db: D1Database,
  entry: kv.Entry,
  check: (text: string) => string = (text) => text,
): Promise<void> {
  const key = { request: entry.name.slice(RAW_PREFIX.length), elementIndex: 0 }
  const item = await findItem(db, key.request, key.elementIndex)
  if (!item) return kv.remove(db, entry)
  const tries = Number(TRIES.exec(entry.value)?.[1] ?? 0)
  const isLast = tries >= MAX_TRIES
  if (!isLast) {
    // Recorded first, so that a message that kills every invocation is not tried forever.
    const tried = { name: entry.name, value: `tries:${tries + 1} ${crypto.randomUUID()}` }
    await kv.replace(db, entry, tried)
    if (await isStoredNow(db, check(item.sent), () => kv.replace(db, tried, entry))) {
      await removeItems(db, [key])
      return kv.remove(db, tried)
    }
  }
  const { changes } = await redactItems(db, [item])
  if (isLast) await kv.remove(db, entry, changes)
  else await runAll(db, changes)
}

/** @param undo takes the try back if the database is unavailable */
async function isStoredNow(
  db: D1Database,
  text: string,
  undo: () => Promise<void>,
): Promise<boolean> {
  try {
    await withTimeout('the database', SAVE_TIMEOUT_MS, saveMessages(db, [text]))
    return true
  } catch (error) {
    if (classifyError(error) !== 'transient') return false
    await undo()
    throw error
  }
}
