import { globSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Shop } from '../../src/simulator/shop/shop.ts'
import { storeArrivals, type Arrival } from '../../src/simulator/shop/store.ts'
import { Truth } from '../../src/simulator/shop/truth.ts'
import { PLANS } from '../strict/limits.ts'
import { memoryD1 } from '../strict/memory/d1.ts'

/** Finds the database in a folder that a runtime kept it in. */
export function findDatabase(folder: string): string {
  const [file] = globSync('**/*.sqlite', {
    cwd: folder,
    exclude: (name) => name.startsWith('metadata'),
  })
  if (file === undefined) throw new Error(`no database is in ${folder}`)
  return join(folder, file)
}

/**
 * Stores what a shop's webhook reports by the receiver's own code, each body as if it came in when it was reported. It
 * skips the network and the queue, and does not wait for the disk.
 *
 * @param file a database with the receiver's tables, which no other process has open
 */
export async function fill(file: string, shop: Shop): Promise<Truth> {
  const database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -500000')
  const db = memoryD1(database, PLANS.paid.d1)
  const truth = new Truth()
  await storeArrivals(db, listArrivals(shop, truth))
  // No hour was over when its events came in.
  database.exec('DELETE FROM rollup_hours; PRAGMA journal_mode = WAL')
  database.close()
  return truth
}

/** What a shop's webhook reports, which becomes a part of the truth. */
function* listArrivals(shop: Shop, truth: Truth): Generator<Arrival> {
  for (const elements of shop.bodies()) {
    truth.add(elements)
    yield { receivedAt: elements.at(-1)?.event.reportedAt ?? 0, elements }
  }
}
