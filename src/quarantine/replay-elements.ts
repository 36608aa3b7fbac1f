import { findJsonError } from '../event/json-error.ts'
import { splitBody } from '../ingest/to-messages.ts'
import {
  correctReasons,
  findSameTexts,
  removeItems,
  type SameText,
} from '../db/quarantine/changes.ts'
import { findDuplicates } from '../db/quarantine/duplicates.ts'
import type { StoredItem } from '../db/quarantine/list.ts'
import {
  envelopeOf,
  bodyOf,
  storeReplayed,
  type Means,
  type Replayed,
  type ReplayReport,
} from './store-replayed.ts'

/** Elements of one request, of one kind. */
type Group = { first: StoredItem; elements: StoredItem[] }

/**
 * Tries elements again, each with all that was sent, as they once arrived. What is an event now is
 * stored, and then deleted here; what is none stays as it is, with the reason of today. Elements of a
 * request that are the same text, or may mean the same, go together: only their number tells such events
 * apart.
 *
 * @throws HttpError 503 where the database does not take the events: all stays as it is
 */
export async function replayElements(
  means: Means,
  waiting: readonly StoredItem[],
): Promise<ReplayReport> {
  const { db, timeZone } = means
  const asked = sortOut(waiting, timeZone)
  const { ready, still } = sortOut(
    [...waiting, ...(await findDuplicates(db, asked.ready))],
    timeZone,
  )
  const alike = await findSameTexts(db, ready)
  const events = groupByRequest(ready).flatMap((group) => listReady(group, alike, timeZone))
  const { stored, quarantined } = await storeReplayed(db, events)
  await removeItems(
    db,
    [...stored, ...quarantined].map(({ element }) => element),
  )
  await correctReasons(
    db,
    still.filter(({ reason }) => reason !== ''),
  )
  return {
    replayed: stored.length + quarantined.length,
    events: stored.length,
    still: still.length + quarantined.length,
  }
}

/** Elements that can be an event now, each text of a request once, and all others, with the reason. */
function sortOut(
  elements: readonly StoredItem[],
  zone: string,
): { ready: StoredItem[]; still: StoredItem[] } {
  const groups = groupByRequest(elements).map((group) => {
    const reasons = findReasons(group, zone)
    const texts = new Map(group.elements.map((element) => [element.sent, element]))
    return {
      ready: [...texts.values()].filter(({ sent }) => !reasons.has(sent)),
      still: group.elements.flatMap((element) => {
        const reason = reasons.get(element.sent)
        return reason === undefined ? [] : [{ ...element, reason }]
      }),
    }
  })
  return {
    ready: groups.flatMap(({ ready }) => ready),
    still: groups.flatMap(({ still }) => still),
  }
}

function groupByRequest(waiting: readonly StoredItem[]): Group[] {
  const groups = new Map<string, Group>()
  for (const element of waiting) {
    const name = `${element.request} ${element.kind}`
    const group = groups.get(name)
    if (group) group.elements.push(element)
    else groups.set(name, { first: element, elements: [element] })
  }
  return [...groups.values()]
}

/** Why texts can be no event, by the text; empty where nobody can say. What can be one is not in it. */
function findReasons({ first, elements }: Group, zone: string): Map<string, string> {
  const texts = [...new Set(elements.map(({ sent }) => sent))]
  const [whole, broken] = [texts.filter(isElement), texts.filter((text) => !isElement(text))]
  const { rejected } = splitBody(bodyOf(first, whole), envelopeOf(first), zone)
  const reasons = rejected.map(({ index, reason }) => [whole[index] ?? '', reason] as const)
  return new Map([...reasons, ...broken.map((text) => [text, ''] as const)])
}

/** All elements of a request that are one of these texts, in their order. */
function listReady(
  { first, elements }: Group,
  alike: readonly SameText[],
  zone: string,
): Replayed[] {
  const texts = new Map(elements.map(({ elementIndex, sent }) => [elementIndex, sent]))
  const { request } = first
  const found = alike.flatMap(({ elementIndex, like, ...of }) => {
    const text = of.request === request ? texts.get(like) : undefined
    return text === undefined ? [] : [{ element: { request, elementIndex }, text }]
  })
  const body = bodyOf(
    first,
    found.map(({ text }) => text),
  )
  const arrival = envelopeOf(first)
  return splitBody(body, arrival, zone).events.flatMap((event) => {
    const element = found[event.index]?.element
    return element ? [{ ...event, arrival, element }] : []
  })
}

function isElement(text: string): boolean {
  return findJsonError(text) === undefined
}
