import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { StoredEvent } from '../../src/db/stored-event.ts'
import { soak } from '../soak/run.ts'
import { BUCKET_NAME, copyBucket, digestQuery, digestRows } from './archive.ts'
import { ClickHouse } from './clickhouse.ts'
import { describeWithClickHouse } from './install.ts'

const OPTIONS = { plan: 'paid', events: 6_000, seed: 21, poison: 0.01, faults: 1 } as const

describeWithClickHouse('ClickHouse', () => {
  it('reads all archived events after a soak', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'soaked-'))
    const rows: StoredEvent[] = []
    const outcome = await soak(OPTIONS, async (server) => {
      for await (const row of server.readArchivedRows()) rows.push(row)
      await copyBucket(await server.bucket(), join(folder, BUCKET_NAME))
    })
    expect(outcome).toMatchObject({ stored: outcome.events, archived: rows.length })
    expect(rows.length).toBeGreaterThan(0)
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
