import type { Match, matchErased } from '../db/erasure/erase-again.ts'
import { findWithoutEarlier } from '../db/events/contact-walk.ts'
import type { EventKey } from '../db/stored-event.ts'
import { findLater } from '../history/find-later.ts'
import type { History } from '../history/history.ts'
import { formatCursor, parseCursor } from '../http/cursor.ts'

/** The contacts that are looked up in the archive together: as many as a `next` has room for. */
const MAX_LOOKUPS = 20

/** A search of the archive that goes on in the next step: for these contacts, in order, after an event. */
export type Lookup = { contactIds: readonly string[]; after: EventKey }

/** @returns such as `7,9,23 1694680203000.6b5f3c0e9d2a4f718c0b1e2d3a4f5b6c` */
export function formatLookup({ contactIds, after }: Lookup): string {
  return `${contactIds.join()} ${formatCursor(after)}`
}

/** What `formatLookup` wrote; undefined if it did not write the text. */
export function parseLookup(text: string): Lookup | undefined {
  const [contactIds = '', position = ''] = text.split(' ')
  const after = parseCursor(position)
  return after && { contactIds: contactIds.split(','), after }
}

type Found = Awaited<ReturnType<typeof matchErased>>

/** Those who did not come back, before the contact `rest`, with which the next step begins, if there is one. */
export type Left = { matches: Match[]; rest: string | undefined; lookup: Lookup | undefined }

/**
 * Leaves out contacts that came back, with nothing left from before.
 *
 * @param found in the order of the contacts
 * @param continued the `lookup` of the step before; contacts that it does not have were found to have come back
 * @throws what D1 throws, and HttpError 503 `archive_unavailable` if the archive cannot be read
 */
export async function leaveOutReturned(
  history: History,
  found: Found,
  continued: Lookup | undefined,
): Promise<Left> {
  if (found.length === 0) return { matches: [], rest: undefined, lookup: undefined }
  const all = found.map(({ subject, match }) => ({ contactId: subject.contactId ?? '', match }))
  const withoutEarlier = await findWithoutEarlier(
    history.db,
    all.map(({ contactId, match }) => [contactId, match.erasedAt]),
  )
  const unknown = all.filter(({ contactId }, index) => {
    const isSought = continued?.contactIds.includes(contactId) ?? true
    return isSought && withoutEarlier.get(index) === false
  })
  const { left, rest, lookup } = await lookUp(history, lastErasures(unknown), continued?.after)
  const end = rest === undefined ? all.length : all.findIndex(({ contactId }) => contactId === rest)
  const matches = all.slice(0, end).flatMap(({ contactId, match }, index) => {
    const hasEarlier = !withoutEarlier.has(index)
    return hasEarlier || left.has(contactId) ? match : []
  })
  return { matches, rest, lookup }
}

/** When each contact was erased last. */
function lastErasures(all: readonly { contactId: string; match: Match }[]): Map<string, number> {
  const erased = new Map<string, number>()
  for (const { contactId, match } of all) {
    erased.set(contactId, Math.max(match.erasedAt, erased.get(contactId) ?? -Infinity))
  }
  return erased
}

/** Looks up in the archive which contacts came back. @returns `left` are those who did not, before `rest` */
async function lookUp(
  history: History,
  erased: ReadonlyMap<string, number>,
  after: EventKey | undefined,
): Promise<{ left: ReadonlySet<string> } & Omit<Left, 'matches'>> {
  const contactIds = [...erased.keys()]
  const sought = new Map([...erased].slice(0, MAX_LOOKUPS))
  const { later, next } = await findLater(history, sought, after)
  const left = [...sought.keys()].filter((each) => !later.has(each))
  const lookup = next && left.length > 0 ? { contactIds: left, after: next } : undefined
  return { left: new Set(left), rest: lookup ? left[0] : contactIds[MAX_LOOKUPS], lookup }
}
