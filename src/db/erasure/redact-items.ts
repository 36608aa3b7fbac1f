import { digest128 } from '../../event/identity.ts'
import { encodeQuarantined, packMessages } from '../../event/message.ts'
import { chunkBySize } from '../../platform/chunk-by-size.ts'
import { RAW_PREFIX } from '../keys.ts'
import { DELETE_ITEMS, encodeItemKeys, type QuarantineKey } from '../quarantine/changes.ts'
import type { StoredItem } from '../quarantine/list.ts'
import { saveMessages } from '../write/save-messages.ts'
import { redact } from './redact.ts'
import type { DataSubject } from './subject.ts'
import {
  CHANGE_VERSION,
  ErasureKey,
  findErased,
  insertTombstones,
  type Tombstone,
} from './tombstones.ts'

const STEP_ITEMS = 100
const SAVED_LENGTH = 1_000_000 // of messages to save at a time

type Part = QuarantineKey & { sent: string }

/**
 * The next quarantined items, in order of their keys.
 *
 * @param after null at the beginning
 * @param length the maximum characters of their texts, unless a single one has more
 */
export async function listWholeItems(
  db: D1Database,
  after: QuarantineKey | null,
  length: number,
): Promise<{ items: StoredItem[]; isEnd: boolean }> {
  const { results } = await db
    .prepare(
      `SELECT request, elementIndex, kind, reason, receivedAt, origin, labels, (
         SELECT sum(length(parts.sent)) FROM quarantine AS parts
         WHERE parts.request = quarantine.request AND parts.elementIndex = quarantine.elementIndex
       ) AS length
       FROM quarantine
       WHERE part = 0 AND (request, elementIndex) > (?, ?)
       ORDER BY request, elementIndex LIMIT ${STEP_ITEMS}`,
    )
    .bind(after?.request ?? '', after?.elementIndex ?? -1)
    .all<Omit<StoredItem, 'sent'> & { length: number }>()
  const [chunk = []] = chunkBySize(results, (item) => item.length, { bytes: length })
  const texts = await readTexts(db, chunk)
  return {
    items: chunk.map((item) => ({ ...item, sent: texts.get(keyOf(item)) ?? '' })),
    isEnd: chunk.length === results.length && results.length < STEP_ITEMS,
  }
}

/** The text of each item, put together from its parts. */
async function readTexts(
  db: D1Database,
  items: readonly QuarantineKey[],
): Promise<Map<string, string>> {
  const texts = new Map<string, string>()
  if (items.length === 0) return texts
  const { results } = await db
    .prepare(
      `SELECT request, elementIndex, sent FROM json_each(?) AS input
       CROSS JOIN quarantine ON request = input.value ->> 0 AND elementIndex = input.value ->> 1
       ORDER BY request, elementIndex, part`,
    )
    .bind(encodeItemKeys(items))
    .all<Part>()
  for (const part of results) {
    const key = keyOf(part)
    texts.set(key, (texts.get(key) ?? '') + part.sent)
  }
  return texts
}

function keyOf({ request, elementIndex }: QuarantineKey): string {
  return `${request}.${elementIndex}`
}

/**
 * Removes data subjects from items. If something of an item is left, it is quarantined before the item may be deleted;
 * as that takes many statements, a call ends with such an item.
 *
 * @returns the items to delete, and the last one that was redacted
 */
export async function redactFrom<Item extends StoredItem>(
  db: D1Database,
  items: readonly Item[],
  isMatch: (subject: DataSubject, item: Item) => boolean,
): Promise<{ gone: Item[]; last: Item | undefined }> {
  const gone: Item[] = []
  for (const item of items) {
    const { kind, sent } = item
    const left = redact(kind, sent, (subject) => isMatch(subject, item))
    if (left === sent) continue
    gone.push(item)
    if (left === null) continue
    await saveLeft(db, item, left)
    return { gone, last: item }
  }
  return { gone, last: items.at(-1) }
}

// ?1 the old item, ?2 the new one
const STORE_REST_LATER = `
  INSERT INTO key_values (name, value)
  SELECT '${RAW_PREFIX}' || ?2, hex(randomblob(8)) FROM key_values WHERE name = '${RAW_PREFIX}' || ?1
  ON CONFLICT (name) DO NOTHING`

/** Quarantines the rest of an item, to be stored later if the item was; only then may the item be deleted. */
async function saveLeft(db: D1Database, item: StoredItem, left: string): Promise<void> {
  const { elementIndex, kind, reason, receivedAt, origin, labels } = item
  const request = digest128(left)
  const parts = encodeQuarantined({ kind, reason, elementIndex, request, sent: left })
  const texts = packMessages({ receivedAt, origin, labels }, [], parts)
  for (const chunk of chunkBySize(texts, ({ length }) => length, { bytes: SAVED_LENGTH })) {
    await saveMessages(db, chunk)
  }
  if (kind === 'message') await db.prepare(STORE_REST_LATER).bind(item.request, request).run()
}

/**
 * Removes data subjects from items that came in before their erasures.
 *
 * @returns the statements to run, the number of items that they delete, and the last redacted item
 */
export async function redactItems<Item extends StoredItem>(
  db: D1Database,
  items: readonly Item[],
): Promise<{ changes: D1PreparedStatement[]; last: Item | undefined; gone: number }> {
  const erased = await findErasedIn(db, items)
  if (!erased) return { changes: [], last: items.at(-1), gone: 0 }
  const { gone, last } = await redactFrom(
    db,
    items,
    (subject, { receivedAt }) => receivedAt <= erased.timeOf(subject),
  )
  return { changes: await deleteErased(db, gone, erased.latest), last, gone: gone.length }
}

/** The number of items that mention data subjects who were erased after the items came in. */
export async function countUnredacted(
  db: D1Database,
  items: readonly StoredItem[],
): Promise<number> {
  const erased = await findErasedIn(db, items)
  if (!erased) return 0
  return items.filter(({ kind, sent, receivedAt }) => {
    return redact(kind, sent, (subject) => receivedAt <= erased.timeOf(subject)) !== sent
  }).length
}

/** When each data subject in items was erased, and the latest of these times; undefined if none was. */
async function findErasedIn(
  db: D1Database,
  items: readonly StoredItem[],
): Promise<{ timeOf: (subject: DataSubject) => number; latest: number } | undefined> {
  const key = await ErasureKey.read(db)
  const subjects: DataSubject[] = []
  for (const { kind, sent } of items) {
    redact(kind, sent, (subject) => {
      subjects.push(subject)
      return false
    })
  }
  const erased = await findErased(
    db,
    subjects.flatMap((subject) => key.digestsAbout(subject)),
  )
  if (erased.size === 0) return undefined
  const timeOf = (subject: DataSubject) =>
    Math.max(...key.digestsAbout(subject).map((digest) => erased.get(digest) ?? -Infinity))
  return { timeOf, latest: Math.max(...erased.values()) }
}

/** The statements that delete items for good, even if Yespo sends the same body again. */
export async function deleteErased(
  db: D1Database,
  items: readonly QuarantineKey[],
  erasedAt: number,
): Promise<D1PreparedStatement[]> {
  if (items.length === 0) return []
  const key = await ErasureKey.read(db)
  const tombstones = items.map(({ request, elementIndex }): Tombstone => {
    return [key.digestOfElement(request, elementIndex), erasedAt]
  })
  return [
    db.prepare(CHANGE_VERSION),
    insertTombstones(db, tombstones),
    db.prepare(DELETE_ITEMS).bind(encodeItemKeys(items)),
  ]
}
