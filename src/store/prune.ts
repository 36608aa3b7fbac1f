import { EACH_SHARD, firstPage } from './deliveries.ts'

// Of a shard, in one go: some 300,000 deliveries.
const MAX_PAGES = 1_000

/**
 * Deletes pages of deliveries behind which a shard has another one that was last written to before a
 * time. A delivery's events come in after its first one, which is on the page; where that is longer than
 * events are kept, they have an entry of their own on a later page. So with twice that time, nothing is
 * lost that leads to an event.
 *
 * @param before UTC milliseconds
 */
export async function pruneDeliveries(db: D1Database, before: number): Promise<number> {
  const [first, end] = [firstPage('shard.value'), firstPage('(shard.value + 1)')]
  const { meta } = await db
    .prepare(
      `DELETE FROM deliveries WHERE page IN (
         SELECT old.page FROM ${EACH_SHARD} AS shard
         CROSS JOIN deliveries AS old
         WHERE old.page >= ${first} AND old.page < (
           SELECT max(page) FROM (
             SELECT page, stamp FROM deliveries WHERE page >= ${first} AND page < ${end}
             ORDER BY page LIMIT ${MAX_PAGES}
           )
           WHERE instr(stamp, '.') = 14 AND CAST(stamp AS INTEGER) < ?
         )
       )`,
    )
    .bind(before)
    .run()
  return meta.changes
}
