import { DAY_MS } from '../../event/clock.ts'
import type { ArchiveFile } from './files.ts'

/** A file whose events are only in the archive, or soon will be. */
export type ReadableFile = Pick<ArchiveFile, 'month' | 'file' | 'version' | 'events' | 'bytes'> & {
  /** Of its oldest and its newest event: UTC milliseconds. */
  firstAt: number
  lastAt: number
  /** The least and the greatest `contactId`, in decimal digits; null if no event has a contact. */
  minContact: string | null
  maxContact: string | null
  withoutContact: number
}

/** A period of events; both ends are included. UTC milliseconds */
export type Period = { first: number; last: number }

/** Contacts whose events are read, in decimal digits; `nameless` is whether events without a contact are, too. */
export type Contacts = { ids: readonly string[]; nameless: boolean }

/** The maximum number of files of a list. */
export const MAX_READABLE = 1_000

/**
 * The files that may have events of a period, in order of their newest events.
 *
 * @param contacts undefined for all events
 */
export async function listReadable(
  db: D1Database,
  { first, last }: Period,
  contacts: Contacts | undefined,
): Promise<ReadableFile[]> {
  const ofContacts = `EXISTS (
    SELECT 1 FROM json_each(?3) WHERE CAST(value AS INTEGER) BETWEEN minContact AND maxContact
  )${contacts?.nameless ? ' OR withoutContact > 0' : ''}`
  const { results } = await db
    .prepare(
      `SELECT month, file, version, events, bytes, firstAt, lastAt, withoutContact,
         CAST(minContact AS TEXT) AS minContact, CAST(maxContact AS TEXT) AS maxContact
       FROM archive INDEXED BY archive_by_month
       WHERE month > ?1 - ${31 * DAY_MS} AND month <= ?2 AND lastAt >= ?1 AND firstAt <= ?2
         AND state IN ('written', 'done') AND events > 0 AND (${contacts ? ofContacts : '?3 IS NULL'})
       ORDER BY lastAt DESC LIMIT ${MAX_READABLE}`,
    )
    .bind(first, last, contacts ? JSON.stringify(contacts.ids) : null)
    .all<ReadableFile>()
  return results
}
