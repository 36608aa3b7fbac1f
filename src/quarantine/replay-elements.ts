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
  type ReplayContext,
  type ReplayedEvent,
  type ReplayReport,
} from './store-replayed.ts'

/** Elements of one request, of one kind. */
type Group = { first: StoredItem; elements: StoredItem[] }

/**
 * Replays elements as part of their request. Valid events are stored and then deleted here; an invalid element stays,
 * with its current reason. Elements of a request with the same text, or perhaps the same meaning, are replayed
 * together: only their number distinguishes such events.
 *
 * @throws HttpError 503 if the database is unavailable: all items stay unchanged
 */
export async function replayElements(
  { db, timeZone }: ReplayContext,
  elements: readonly StoredItem[],
): Promise<ReplayReport> {
  const { valid: alone } = sortOut(elements, timeZone)
  const all = [...elements, ...(await findDuplicates(db, alone))]
  const { valid, invalid } = sortOut(all, timeZone)
  const duplicates = await findSameTexts(db, valid)
  const events = groupByRequest(valid).flatMap((group) => listEvents(group, duplicates, timeZone))
  const { stored, quarantined } = await storeReplayed(db, events)
  await removeItems(
    db,
    [...stored, ...quarantined].map(({ item }) => item),
  )
  await correctReasons(
    db,
    invalid.filter(({ reason }) => reason !== ''),
  )
  return {
    replayed: stored.length + quarantined.length,
    events: stored.length,
    still: invalid.length + quarantined.length,
  }
}

/** Separates elements that are valid now, each text of a request once, from all others, with their reasons. */
function sortOut(
  elements: readonly StoredItem[],
  zone: string,
): { valid: StoredItem[]; invalid: StoredItem[] } {
  const groups = groupByRequest(elements).map((group) => {
    const reasons = findReasons(group, zone)
    const texts = new Map(group.elements.map((element) => [element.sent, element]))
    return {
      valid: [...texts.values()].filter(({ sent }) => !reasons.has(sent)),
      invalid: group.elements.flatMap((element) => {
        const reason = reasons.get(element.sent)
        return reason === undefined ? [] : [{ ...element, reason }]
      }),
    }
  })
  return {
    valid: groups.flatMap(({ valid }) => valid),
    invalid: groups.flatMap(({ invalid }) => invalid),
  }
}

function groupByRequest(elements: readonly StoredItem[]): Group[] {
  const groups = Map.groupBy(elements, ({ request, kind }) => `${request} ${kind}`)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    return first ? [{ first, elements: group }] : []
  })
}

/** The reasons of invalid texts, by text; an empty reason is unknown. Valid texts are left out. */
function findReasons({ first, elements }: Group, zone: string): Map<string, string> {
  const texts = [...new Set(elements.map(({ sent }) => sent))]
  const [whole, broken] = [texts.filter(isJson), texts.filter((text) => !isJson(text))]
  const { rejected } = splitBody(bodyOf(first, whole), envelopeOf(first), zone)
  const reasons = rejected.map(({ index, reason }) => [whole[index] ?? '', reason] as const)
  return new Map([...reasons, ...broken.map((text) => [text, ''] as const)])
}

/** The events of all elements of a request with one of these texts, in order. */
function listEvents(
  { first, elements }: Group,
  duplicates: readonly SameText[],
  zone: string,
): ReplayedEvent[] {
  const texts = new Map(elements.map(({ elementIndex, sent }) => [elementIndex, sent]))
  const { request } = first
  const found = duplicates.flatMap(({ elementIndex, like, ...of }) => {
    const text = of.request === request ? texts.get(like) : undefined
    return text === undefined ? [] : [{ item: { request, elementIndex }, text }]
  })
  const body = bodyOf(
    first,
    found.map(({ text }) => text),
  )
  const envelope = envelopeOf(first)
  return splitBody(body, envelope, zone).events.flatMap((event) => {
    const item = found[event.index]?.item
    return item ? [{ ...event, envelope, item }] : []
  })
}

function isJson(text: string): boolean {
  return findJsonError(text) === undefined
}
