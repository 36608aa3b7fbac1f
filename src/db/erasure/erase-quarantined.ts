import { digest128 } from '../../event/identity.ts'
import { ErasureKey, insertErased, RAISE_VERSION, type Erased } from './tombstones.ts'
import { ADD_REMOVED, type Step, type Taken } from './erasures.ts'
import { groupBySize } from '../chunk-by-size.ts'
import {
  encodeQuarantined,
  packMessages,
  type Envelope,
  type QuarantinedItem,
} from '../../event/message.ts'
import { recognize, type DataSubject } from './subject.ts'
import { saveMessages } from '../write/save-messages.ts'
import { redact } from './redact.ts'

const STEP_ELEMENTS = 100
const STEP_LENGTH = 4_000_000 // characters that are read at once, unless one alone has more
const SAVED_LENGTH = 1_000_000 // of messages that are saved at once

type Place = { request: string; elementIndex: number }
type Part = Place & { sent: string }

/** Something that was set aside; its text is read apart. */
export type Element = Place & Pick<QuarantinedItem, 'kind' | 'reason'> & Envelope

/** Where what was set aside is gone on with; null at its beginning. */
export type ItemKey = Pick<Element, 'request' | 'elementIndex'>

/**
 * The next elements that were set aside, with what was sent: as many as are read at once.
 *
 * @param length characters of them, unless one alone has more
 */
export async function listElements(
  db: D1Database,
  after: ItemKey | null,
  length: number,
): Promise<{ elements: (Element & { sent: string })[]; isEnd: boolean }> {
  const { results } = await db
    .prepare(
      `SELECT request, elementIndex, kind, reason, receivedAt, origin, labels, (
         SELECT sum(length(parts.sent)) FROM quarantine AS parts
         WHERE parts.request = quarantine.request AND parts.elementIndex = quarantine.elementIndex
       ) AS length
       FROM quarantine
       WHERE part = 0 AND (request, elementIndex) > (?, ?)
       ORDER BY request, elementIndex LIMIT ${STEP_ELEMENTS}`,
    )
    .bind(after?.request ?? '', after?.elementIndex ?? -1)
    .all<Element & { length: number }>()
  const [group = []] = groupBySize(results, (each) => each.length, { bytes: length })
  const texts = await readTexts(db, group)
  return {
    elements: group.map((each) => ({ ...each, sent: texts.get(placeOf(each)) ?? '' })),
    isEnd: group.length === results.length && results.length < STEP_ELEMENTS,
  }
}

/**
 * Takes someone out of elements. Of one that is left in part, that is set aside before it may go itself; as
 * that takes many statements, it is the last that is gone through.
 *
 * @returns those that go, and the last that was gone through
 */
export async function redactFrom<Each extends Element & { sent: string }>(
  db: D1Database,
  elements: readonly Each[],
  isMatch: (person: DataSubject, element: Each) => boolean,
): Promise<{ gone: Each[]; last: Each | undefined }> {
  const gone: Each[] = []
  for (const element of elements) {
    const { kind, sent } = element
    const left = redact(kind, sent, (person) => isMatch(person, element))
    if (left === sent) continue
    gone.push(element)
    if (left === null) continue
    await saveLeft(db, element, left)
    return { gone, last: element }
  }
  return { gone, last: elements.at(-1) }
}

/** Them in the next elements that were set aside: whole elements, and their part of what holds several. */
export async function eraseQuarantined(step: Step): Promise<Taken> {
  const { db, number, target, erasedAt, tries } = step
  const [request, elementIndex] = target.cursor ?? []
  const after =
    request === undefined ? null : { request: String(request), elementIndex: Number(elementIndex) }
  // What took too long may do in smaller pieces.
  const { elements, isEnd } = await listElements(db, after, STEP_LENGTH >> Math.max(0, tries - 1))
  const isMatch = recognize(target)
  const { gone, last } = await redactFrom(
    db,
    elements,
    (person, { receivedAt }) => receivedAt <= erasedAt && isMatch(person),
  )
  return {
    next:
      last && !(isEnd && last === elements.at(-1))
        ? { ...target, cursor: [last.request, last.elementIndex] }
        : { ...target, stage: 'archive', cursor: null },
    changes: await removeElements(db, gone, erasedAt, number),
  }
}

/** What was sent, of each element, put together from its parts. */
export async function readTexts(
  db: D1Database,
  elements: readonly Place[],
): Promise<Map<string, string>> {
  const texts = new Map<string, string>()
  if (elements.length === 0) return texts
  const keys = elements.map(({ request, elementIndex }) => [request, elementIndex])
  const { results } = await db
    .prepare(
      `SELECT request, elementIndex, sent FROM json_each(?) AS wanted
       CROSS JOIN quarantine ON request = wanted.value ->> 0 AND elementIndex = wanted.value ->> 1
       ORDER BY request, elementIndex, part`,
    )
    .bind(JSON.stringify(keys))
    .all<Part>()
  for (const part of results) {
    const place = placeOf(part)
    texts.set(place, (texts.get(place) ?? '') + part.sent)
  }
  return texts
}

export function placeOf({ request, elementIndex }: Place): string {
  return `${request}.${elementIndex}`
}

/** Sets aside what is left of an element without someone; only then it may go itself. */
async function saveLeft(db: D1Database, element: Element, left: string): Promise<void> {
  const { elementIndex, kind, reason, receivedAt, origin, labels } = element
  const request = digest128(left)
  const parts = encodeQuarantined({ kind, reason, elementIndex, request, sent: left })
  const texts = packMessages({ receivedAt, origin, labels }, [], parts)
  for (const group of groupBySize(texts, ({ length }) => length, { bytes: SAVED_LENGTH })) {
    await saveMessages(db, group)
  }
}

/**
 * Removes elements, which Yespo may send again in the same body.
 *
 * @param number of the erasure that it counts for, if any
 */
export async function removeElements(
  db: D1Database,
  elements: readonly Place[],
  erasedAt: number,
  number: number | undefined,
): Promise<D1PreparedStatement[]> {
  if (elements.length === 0) return []
  const key = await ErasureKey.read(db)
  const erased = elements.map(({ request, elementIndex }): Erased => {
    return [key.digestOfElement(request, elementIndex), erasedAt]
  })
  const places = elements.map(({ request, elementIndex }) => [request, elementIndex])
  return [
    db.prepare(RAISE_VERSION),
    insertErased(db, erased),
    db
      .prepare(
        `DELETE FROM quarantine
         WHERE (request, elementIndex) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))`,
      )
      .bind(JSON.stringify(places)),
    ...(number === undefined ? [] : [db.prepare(ADD_REMOVED).bind(number, 'quarantineParts')]),
  ]
}
