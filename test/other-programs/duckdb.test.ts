import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeBodies } from '../bench/bodies.ts'
import { Server } from '../bench/server.ts'

const [BODIES, EVENTS_EACH] = [60, 50]

const folder = mkdtempSync(join(tmpdir(), 'export-'))
let server: Server
let duckdb: DuckDBConnection
let expected: unknown[][]

const QUESTION = `
  SELECT activityStatus, mediaType, count(*), count(DISTINCT contactId), sum(contactId),
    count(email), count(*) FILTER (hardBounce)`

beforeAll(async () => {
  server = await Server.start('receiver')
  await server.post(makeBodies(BODIES, EVENTS_EACH, 5))
  await server.untilStored(BODIES * EVENTS_EACH)
  for (const format of ['csv', 'ndjson']) {
    writeFileSync(
      join(folder, `activity.${format}`),
      await server.request('GET', `/activity.${format}`),
    )
  }
  const db = await server.database()
  const sql = `${QUESTION.replace('FILTER (hardBounce)', 'FILTER (WHERE hardBounce = 1)')}
    FROM events GROUP BY 1, 2 ORDER BY 1, 2`
  expected = await db.prepare(sql).raw<unknown[]>()
  duckdb = await (await DuckDBInstance.create()).connect()
})

afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

async function query(sql: string): Promise<unknown[][]> {
  const rows = (await duckdb.runAndReadAll(sql)).getRows()
  return rows.map((row) => row.map((cell) => (typeof cell === 'bigint' ? Number(cell) : cell)))
}

it.each(['csv', 'ndjson'])('DuckDB reads a whole export as %s without options', async (format) => {
  const from = `FROM '${join(folder, `activity.${format}`)}'`
  expect(await query(`${QUESTION} ${from} GROUP BY 1, 2 ORDER BY 1, 2`)).toEqual(expected)
})

it('DuckDB recognizes types, including times', async () => {
  const columns = await query(`DESCRIBE FROM '${join(folder, 'activity.csv')}'`)
  expect(Object.fromEntries(columns.map(([name, type]) => [name, type]))).toMatchObject({
    occurredAt: expect.stringMatching(/^TIMESTAMP/),
    activityDateTime: 'TIMESTAMP',
    contactId: 'BIGINT',
    hardBounce: 'BOOLEAN',
    messageName: 'VARCHAR',
  })
})
