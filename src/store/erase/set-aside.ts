import { digest128 } from '../../activity/identity.ts'
import { ErasureKey, RAISE_VERSION } from '../erased.ts'
import { ADD_REMOVED, type Target } from '../erasures.ts'
import { groupBySize } from '../group-by-size.ts'
import { encodeSetAside, packMessages, type Arrival, type SetAside } from '../message.ts'
import { recognize } from '../person.ts'
import { saveMessages } from '../save.ts'
import { leaveOut } from './take-apart.ts'
import type { Step } from './step.ts'

const STEP_ELEMENTS = 100
const STEP_LENGTH = 4_000_000 // characters that are read at once, unless one alone has more

type Place = { request: string; elementIndex: number }
type Part = Place & { sent: string }

/** Something that was set aside; its text is read apart. */
export type Element = Place & Pick<SetAside, 'kind' | 'reason'> & Arrival

/** Them in the next elements that were set aside: whole elements, and their part of what holds several. */
export async function eraseSetAside(step: Step): Promise<Target> {
  const { db, target, erasedAt } = step
  const [request = '', elementIndex = -1] = target.cursor ?? []
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
    .bind(request, elementIndex)
    .all<Element & { length: number }>()
  const [group = []] = groupBySize(results, ({ length }) => length, { bytes: STEP_LENGTH })
  const last = group.at(-1)
  if (!last) return { ...target, stage: 'archive', cursor: null }
  const before = group.filter(({ receivedAt }) => receivedAt <= erasedAt)
  const texts = await readTexts(db, before)
  const isTheirs = recognize(target)
  for (const element of before) {
    const sent = texts.get(placeOf(element)) ?? ''
    const left = leaveOut(element.kind, sent, isTheirs)
    if (left !== sent) await replaceSetAside(db, element, left, erasedAt, step.number)
  }
  const isEnd = group.length === results.length && results.length < STEP_ELEMENTS
  return isEnd
    ? { ...target, stage: 'archive', cursor: null }
    : { ...target, cursor: [last.request, last.elementIndex] }
}

/** What was sent, of each element, put together from its parts. */
export async function readTexts(
  db: D1Database,
  elements: readonly Place[],
): Promise<Map<string, string>> {
  const keys = elements.map(({ request, elementIndex }) => [request, elementIndex])
  const { results } = await db
    .prepare(
      `SELECT request, elementIndex, sent FROM json_each(?) AS wanted
       CROSS JOIN quarantine ON request = wanted.value ->> 0 AND elementIndex = wanted.value ->> 1
       ORDER BY request, elementIndex, part`,
    )
    .bind(JSON.stringify(keys))
    .all<Part>()
  const texts = new Map<string, string>()
  for (const part of results) {
    const place = placeOf(part)
    texts.set(place, (texts.get(place) ?? '') + part.sent)
  }
  return texts
}

export function placeOf({ request, elementIndex }: Place): string {
  return `${request}.${elementIndex}`
}

/**
 * First what is left, and then the element goes: what breaks off in between is done again.
 *
 * @param number of the erasure that it counts for, if any
 */
export async function replaceSetAside(
  db: D1Database,
  element: Element,
  left: string | null,
  erasedAt: number,
  number: number | undefined,
): Promise<void> {
  const { request, elementIndex, kind, reason, receivedAt, origin, labels } = element
  if (left !== null) {
    const parts = encodeSetAside({
      kind,
      reason,
      elementIndex,
      request: digest128(left),
      sent: left,
    })
    for (const text of packMessages({ receivedAt, origin, labels }, [], parts)) {
      await saveMessages(db, [text])
    }
  }
  const digest = (await ErasureKey.read(db)).digestOfElement(request, elementIndex)
  await db.batch([
    db.prepare(RAISE_VERSION),
    // Yespo may send the same body again.
    db
      .prepare('INSERT INTO erased (digest, erasedAt) VALUES (?, ?) ON CONFLICT DO NOTHING')
      .bind(digest, erasedAt),
    db
      .prepare('DELETE FROM quarantine WHERE request = ? AND elementIndex = ?')
      .bind(request, elementIndex),
    ...(number === undefined ? [] : [db.prepare(ADD_REMOVED).bind(number, 'quarantineParts')]),
  ])
}
