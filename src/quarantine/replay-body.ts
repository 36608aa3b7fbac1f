import { Buffer } from 'node:buffer'
import { digest128 } from '../event/identity.ts'
import { inflate } from '../ingest/read-body.ts'
import { splitBody } from '../ingest/to-messages.ts'
import { encodeQuarantined, packMessages } from '../event/message.ts'
import { correctReasons, removeItems } from '../db/quarantine/changes.ts'
import type { StoredItem } from '../db/quarantine/list.ts'
import { formatId } from '../http/item-id.ts'
import {
  envelopeOf,
  storeReplayed,
  storeTexts,
  type ReplayContext,
  type ReplayReport,
} from './store-replayed.ts'

/**
 * Replays a quarantined body. Its events are stored, its invalid elements are quarantined separately, and then the body
 * is deleted here. It stays if it has no valid event, or cannot be read to its end.
 *
 * @throws HttpError 503 if the database is unavailable: the body stays unchanged
 */
export async function replayBody(
  { db, timeZone, maxBodyBytes }: ReplayContext & { maxBodyBytes: number },
  item: StoredItem,
): Promise<ReplayReport> {
  const sent = Buffer.from(item.sent, item.kind === 'bodyBytes' ? 'latin1' : 'utf8')
  const body = inflate(sent, maxBodyBytes)
  const envelope = envelopeOf(item)
  if (!(body instanceof Uint8Array)) return { replayed: 0, events: 0, still: 1 }
  const prepared = splitBody(body, envelope, timeZone)
  const events = prepared.events.map((event) => ({ ...event, envelope, item }))
  const { stored, quarantined } = await storeReplayed(db, events)
  const [{ reason } = item, ...others] = prepared.quarantined
  if (prepared.isPartial || events.length === 0) {
    if (!prepared.isPartial && others.length === 0) await correctReasons(db, [{ ...item, reason }])
    return { replayed: 0, events: stored.length, still: 1 + quarantined.length }
  }
  // Not under the digest of this body, which may be the key of the body itself.
  const request = digest128(formatId(item))
  const left = prepared.quarantined.flatMap((each) => encodeQuarantined({ ...each, request }))
  await storeTexts(db, packMessages(envelope, [], left))
  await removeItems(db, [item])
  return {
    replayed: 1,
    events: stored.length,
    still: prepared.rejected.length + quarantined.length,
  }
}
