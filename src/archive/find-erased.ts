import type { AsyncBuffer } from 'hyparquet'
import { matchErased, type Match } from '../db/erasure/erase-again.ts'
import type { ErasureKey } from '../db/erasure/tombstones.ts'
import { keysAbout, toSubject, type DataSubject } from '../db/erasure/subject.ts'
import { readAnswered } from './decode.ts'

type Seen = { subject: DataSubject; occurredAt: number; receivedAt: number }

/**
 * Finds in a file who was forgotten, and is in there all the same: by digests.
 *
 * @throws what D1 throws, and Error where the file cannot be read
 */
export async function findErasedIn(
  db: D1Database,
  key: ErasureKey,
  content: AsyncBuffer,
): Promise<Match[]> {
  const seen = new Map<string, Seen>()
  for (const row of await readAnswered(content)) {
    const { occurredAt, receivedAt, contactId, extra } = row
    const subject = toSubject(contactId, (name) => row[name], extra)
    const name = keysAbout(subject).join('\n')
    const first = seen.get(name) ?? { subject, occurredAt, receivedAt }
    first.occurredAt = Math.min(first.occurredAt, occurredAt)
    first.receivedAt = Math.min(first.receivedAt, receivedAt)
    seen.set(name, first)
  }
  const all = [...seen.values()]
  const times = new Map(all.map((each) => [each.subject, each]))
  const found = await matchErased(
    db,
    key,
    all.map(({ subject }) => subject),
  )
  return found.flatMap(({ subject, match }) => {
    const { occurredAt = Infinity, receivedAt = Infinity } = times.get(subject) ?? {}
    return occurredAt <= match.erasedAt || receivedAt <= match.erasedAt ? match : []
  })
}
