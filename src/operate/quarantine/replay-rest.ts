import { findFault } from '../../activity/json-text.ts'
import { splitBody } from '../../receive/prepare.ts'
import { packMessages } from '../../store/message.ts'
import { removeSetAside } from '../../store/quarantine-changes.ts'
import type { StoredSetAside } from '../../store/quarantine.ts'
import {
  arrivalOf,
  bodyOf,
  storeReplayed,
  storeTexts,
  type Means,
  type ReplayReport,
} from './store-replayed.ts'

/**
 * Tries the rest of a request that had too many elements: what of it is an event is stored, what is none
 * is set aside by itself, and then the rest itself is deleted here.
 *
 * @throws Refusal 503 where the database does not take it: it stays as it is
 */
export async function replayRest(
  { db, timeZone }: Means,
  rest: StoredSetAside,
): Promise<ReplayReport> {
  if (findFault(`[${rest.sent}]`)) return { replayed: 0, events: 0, still: 1 }
  const arrival = arrivalOf(rest)
  const prepared = splitBody(bodyOf(rest, [rest.sent]), arrival, timeZone)
  const events = prepared.events.map((event) => ({ ...event, arrival, element: rest }))
  const { stored, setAside } = await storeReplayed(db, events)
  await storeTexts(db, packMessages(arrival, [], prepared.setAside))
  await removeSetAside(db, [rest])
  return {
    replayed: 1,
    events: stored.length,
    still: prepared.quarantined.length + setAside.length,
  }
}
