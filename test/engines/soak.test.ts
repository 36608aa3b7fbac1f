import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asyncBufferFromFile } from 'hyparquet'
import { expect, it } from 'vitest'
import type { StoredEvent } from '../../src/db/stored-event.ts'
import { readRows } from '../../src/parquet/decode.ts'
import { soak } from '../soak/run.ts'
import { BUCKET_NAME, copyBucket, digestQuery, digestRows } from './archive.ts'
import { ClickHouse, describeWithClickHouse } from './clickhouse.ts'

const OPTIONS = { plan: 'free', events: 4_000, seed: 12, poison: 0.01, faults: 3 } as const

describeWithClickHouse('ClickHouse', () => {
  it('reads all archived events after a soak, and no file has any of an erased contact', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'soaked-'))
    const rows: StoredEvent[] = []
    const notErased: StoredEvent[] = []
    const outcome = await soak(OPTIONS, async (server, ledger) => {
      for await (const row of server.readArchivedRows()) rows.push(row)
      const bucket = join(folder, BUCKET_NAME)
      await copyBucket(await server.bucket(), bucket)
      for await (const row of readEveryFile(bucket)) {
        if (ledger.isErased(String(row.contactId), row.occurredAt)) notErased.push(row)
      }
    })
    expect(outcome).toMatchObject({ stored: outcome.events, archived: rows.length })
    expect(rows.length).toBeGreaterThan(0)
    expect(outcome.erased).toBeGreaterThan(0)
    expect(notErased).toEqual([])
    const table = `icebergLocal('${BUCKET_NAME}/activity')`
    const clickHouse = new ClickHouse(folder)
    const counted = await clickHouse.query(
      `SELECT toUInt32(count()), toUInt32(uniqExact(id)) FROM ${table}`,
    )
    expect(counted).toEqual([[rows.length, rows.length]])
    expect(await clickHouse.query(digestQuery(table))).toEqual([[digestRows(rows)]])
    clickHouse.close()
    rmSync(folder, { recursive: true })
  })
})

/** The events of all files of a bucket, whether they belong to the table or not. */
async function* readEveryFile(folder: string): AsyncGenerator<StoredEvent> {
  for (const file of globSync('activity/data/**/*.parquet', { cwd: folder })) {
    yield* await readRows(await asyncBufferFromFile(join(folder, file)))
  }
}
