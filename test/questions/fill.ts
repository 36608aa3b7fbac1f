import { globSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { saveMessages } from '../../src/db/write/save-messages.ts'
import { Elements } from '../../src/ingest/parse-elements.ts'
import { prepare } from '../../src/ingest/to-messages.ts'
import type { ShopElement } from '../../src/simulator/shop/element.ts'
import type { Shop } from '../../src/simulator/shop/shop.ts'
import { Truth } from '../../src/simulator/shop/truth.ts'
import { joinBody } from '../../src/simulator/traffic.ts'
import { PLANS } from '../strict/limits.ts'
import { memoryD1 } from '../strict/memory/d1.ts'

const CHUNK_BYTES = 1_000_000

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
  let chunk: string[] = []
  let bytes = 0
  const save = async () => {
    await saveMessages(db, chunk)
    chunk = []
    bytes = 0
  }
  for (const body of shop.bodies()) {
    truth.add(body)
    for (const text of toMessages(body)) {
      const size = Buffer.byteLength(text)
      if (bytes + size > CHUNK_BYTES) await save()
      chunk.push(text)
      bytes += size
    }
  }
  if (chunk.length > 0) await save()
  // No hour was over when its events came in.
  database.exec('DELETE FROM rollup_hours; PRAGMA journal_mode = WAL')
  database.close()
  return truth
}

function toMessages(body: readonly ShopElement[]): string[] {
  const receivedAt = body.at(-1)?.event.reportedAt ?? 0
  const arrival = { receivedAt, origin: 'webhook', labels: null } as const
  return prepare(new Elements(joinBody(body)), arrival, 'UTC').messages
}
