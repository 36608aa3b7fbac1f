import type { Match, matchErased } from '../db/erasure/erase-again.ts'
import { findWithoutEarlier } from '../db/events/contact-walk.ts'
import type { EventKey } from '../db/stored-event.ts'
import { findLater } from '../history/find-later.ts'
import type { History } from '../history/history.ts'

/** The contacts that are looked up in the archive together. */
const MAX_LOOKUPS = 100

/** A contact, and the event after which the archive is still to be searched for it; undefined for all of it. */
export type Rest = { contactId: string; after: EventKey | undefined }

type Found = Awaited<ReturnType<typeof matchErased>>

/**
 * Leaves out contacts that came back, with nothing left from before.
 *
 * @param found in the order of the contacts
 * @param continued the `rest` of the step before, if its contact is still there
 * @returns `rest` is the first contact that is left to the next step, with all that follow
 * @throws what D1 throws, and HttpError 503 `archive_unavailable` if the archive cannot be read
 */
export async function leaveOutReturned(
  history: History,
  found: Found,
  continued: Rest,
): Promise<{ matches: Match[]; rest: Rest | undefined }> {
  if (found.length === 0) return { matches: [], rest: undefined }
  const all = found.map(({ subject, match }) => ({ contactId: subject.contactId ?? '', match }))
  const withoutEarlier = await findWithoutEarlier(
    history.db,
    all.map(({ contactId, match }) => [contactId, match.erasedAt]),
  )
  const unknown = all.filter((_, index) => withoutEarlier.get(index) === false)
  const { later, rest } = await lookUp(history, lastErasures(unknown), continued)
  const end = rest ? all.findIndex(({ contactId }) => contactId === rest.contactId) : all.length
  const matches = all.slice(0, end).flatMap(({ contactId, match }, index) => {
    const hasReturned = withoutEarlier.get(index) || later.has(contactId)
    return hasReturned ? [] : match
  })
  return { matches, rest }
}

/** When each contact was last erased. */
function lastErasures(all: readonly { contactId: string; match: Match }[]): Map<string, number> {
  const erased = new Map<string, number>()
  for (const { contactId, match } of all) {
    erased.set(contactId, Math.max(match.erasedAt, erased.get(contactId) ?? -Infinity))
  }
  return erased
}

/** Looks up in the archive which contacts came back: some of them, or the one to continue with. */
async function lookUp(
  history: History,
  erased: ReadonlyMap<string, number>,
  continued: Rest,
): Promise<{ later: ReadonlySet<string>; rest: Rest | undefined }> {
  const [first] = erased.keys()
  const after = continued.contactId === first ? continued.after : undefined
  const sought = new Map([...erased].slice(0, after ? 1 : MAX_LOOKUPS))
  const { later, next } = await findLater(history, sought, after)
  const contactId = [...erased.keys()].find(
    (each) => (next || !sought.has(each)) && !later.has(each),
  )
  if (contactId === undefined) return { later, rest: undefined }
  return { later, rest: { contactId, after: (sought.has(contactId) && next) || undefined } }
}
