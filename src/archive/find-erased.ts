import type { AsyncBuffer } from 'hyparquet'
import { matchErased, type Match } from '../db/erasure/erase-again.ts'
import type { ErasureKey } from '../db/erasure/tombstones.ts'
import { keysAbout, toSubject, type DataSubject } from '../db/erasure/subject.ts'
import { readDatedSubjects } from '../parquet/decode.ts'

type Seen = { subject: DataSubject; occurredAt: number; receivedAt: number }

/**
 * Finds erased subjects that are still in a file, by their digests.
 *
 * @throws what D1 throws, and Error if the file cannot be read
 */
export async function findErasedIn(
  db: D1Database,
  key: ErasureKey,
  content: AsyncBuffer,
): Promise<Match[]> {
  const seen = new Map<string, Seen>()
  for (const row of await readDatedSubjects(content)) {
    const { occurredAt, receivedAt, contactId, extra } = row
    const subject = toSubject(contactId, (name) => row[name], extra)
    const keys = keysAbout(subject).join('\n')
    const first = seen.get(keys) ?? { subject, occurredAt, receivedAt }
    first.occurredAt = Math.min(first.occurredAt, occurredAt)
    first.receivedAt = Math.min(first.receivedAt, receivedAt)
    seen.set(keys, first)
  }
  const times = new Map([...seen.values()].map((each) => [each.subject, each]))
  const found = await matchErased(db, key, [...times.keys()])
  return found.flatMap(({ subject, match }) => {
    const { occurredAt = Infinity, receivedAt = Infinity } = times.get(subject) ?? {}
    return occurredAt <= match.erasedAt || receivedAt <= match.erasedAt ? match : []
  })
}
