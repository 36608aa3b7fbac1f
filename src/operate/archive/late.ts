import { listFiles } from '../../store/archive.ts'
import { findLateDay, listLate, settleNew, settleRepeated } from '../../store/settle-late.ts'
import { readKeys } from './decode.ts'
import { openFile } from './files.ts'
import type { Moving } from './move.ts'

const LATE_STEPS = 2 // of a budget

/**
 * Looks up in the archive what came in late: what is there already goes, and the rest is counted and
 * stays until it is old enough itself. A day with a file that is not done waits for that.
 *
 * @returns whether none waits any more
 */
export async function settleLate({ db, bucket, budget }: Moving): Promise<boolean> {
  for (;;) {
    const day = await findLateDay(db)
    if (day === null) return true
    if (!budget.take(LATE_STEPS)) return false
    const late = new Map(
      (await listLate(db, day)).map((key) => [`${key.occurredAt}.${key.id}`, key]),
    )
    const repeated = new Set<string>()
    for (const file of await listFiles(db, day)) {
      if (file.events === 0) continue
      const opened = await openFile(bucket, file)
      if (!opened) throw new Error('a file of the archive is not in the bucket any more')
      for (const { occurredAt, id } of await readKeys(opened.content)) {
        const key = `${occurredAt}.${id}`
        if (late.has(key)) repeated.add(key)
      }
    }
    const keys = [...late].map(([key, position]) => ({ position, isRepeated: repeated.has(key) }))
    const some = (wanted: boolean) =>
      keys.flatMap(({ position, isRepeated }) => (isRepeated === wanted ? position : []))
    await settleRepeated(db, some(true))
    await settleNew(db, some(false))
  }
}
