import { findNextFile } from '../../store/archive.ts'
import { finishErasure, readTarget, widenErasure } from '../../store/erasures.ts'
import type { Budget } from '../budget.ts'
import { clearFile, noteReached, type FilePlace, type Search } from './clear.ts'

const BEFORE_ALL = { day: -8_640_000_000_000_000, file: 0 }

/**
 * Takes all who are to be forgotten out of the files of the archive, one file after the other, as far as a
 * budget allows. Contacts and names that only the archive knows to be theirs join them, and all is gone
 * through once more; then an erasure is finished. What was found is noted before a file is written anew, as
 * a whole, and what became of that only afterwards: it may break off anywhere.
 *
 * @param numbers of erasures of which the database holds nothing more
 * @throws Error what D1 and R2 throw, and where a file is not what it should be
 */
export async function forgetInArchive(
  db: D1Database,
  bucket: R2Bucket,
  numbers: readonly number[],
  budget: Budget,
): Promise<void> {
  const searches = await listSearches(db, numbers)
  try {
    while (searches.some(({ isDone }) => !isDone) && budget.take(5)) {
      const ongoing = searches.filter(({ isDone }) => !isDone)
      const [after = BEFORE_ALL] = ongoing.map(({ reached }) => reached).sort(inOrder)
      const file = await findNextFile(db, after)
      const there = ongoing.filter(({ reached }) => !file || inOrder(reached, file) < 0)
      if (file) await clearFile(db, bucket, file, there)
      for (const search of there) {
        if (file) search.reached = file
        else await end(db, search)
      }
    }
  } finally {
    const ongoing = searches.filter(({ isDone }) => !isDone)
    if (ongoing.length > 0) await db.batch(ongoing.map((search) => noteReached(db, search)))
  }
}

async function listSearches(db: D1Database, numbers: readonly number[]): Promise<Search[]> {
  const searches: Search[] = []
  for (const number of numbers) {
    const asked = await readTarget(db, number)
    if (asked?.target.stage !== 'archive') continue
    const [day, file] = asked.target.cursor ?? []
    const reached = day === undefined ? BEFORE_ALL : { day: Number(day), file: Number(file) }
    searches.push({ number, ...asked, reached, isDone: false })
  }
  return searches
}

function inOrder(one: FilePlace, other: FilePlace): number {
  return one.day - other.day || one.file - other.file
}

/** All files were gone through: with what was found, it begins anew. */
async function end(db: D1Database, search: Search): Promise<void> {
  const { number, target, erasedAt } = search
  search.isDone = true
  if (target.found) await widenErasure(db, number, target, erasedAt)
  else await finishErasure(db, number, Date.now())
}
