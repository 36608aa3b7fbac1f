import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openRestCatalog } from '../../src/archive/table/rest-catalog.ts'
import type { StoredEvent } from '../../src/db/stored-event.ts'
import { STUB } from '../archive/table/rest-stub.ts'
import { makeRows } from '../parquet/simulated-rows.ts'
import { Archive, BUCKET_NAME } from './archive.ts'
import { BucketServer } from './bucket-server.ts'
import { ClickHouse, describeWithClickHouse } from './clickhouse.ts'

const README = readFileSync(join(import.meta.dirname, '../../src/archive/README.md'), 'utf8')
const RECIPES = Array.from(README.matchAll(/^```sql\n(.+?)^```/gms), ([, sql = '']) => sql)

const ROWS = makeRows(13, 3_000, Date.UTC(2025, 9, 31, 12))

const archive = new Archive()
const stub = archive.openStub()
let server: BucketServer
let url: string

beforeAll(async () => {
  await archive.writeDays(ROWS)
  await archive.commit()
  await archive.commit(openRestCatalog(STUB, stub.fetch))
  server = new BucketServer(archive.bucket, BUCKET_NAME, stub)
  url = await server.start()
})

afterAll(() => {
  server.close()
  archive.remove()
})

/** The recipe of the manual that has a text. */
function findRecipe(text: string): string {
  const recipe = RECIPES.find((sql) => sql.includes(text))
  if (recipe === undefined) throw new Error(`The manual has no recipe with ${text}.`)
  return recipe
    .replace('https://ACCOUNT_ID.r2.cloudflarestorage.com', url)
    .replace('CATALOG_URL', `${url}/catalog`)
    .replace('CATALOG_WAREHOUSE', STUB.warehouse)
    .replace('CATALOG_TOKEN', STUB.token)
    .replaceAll("'activity/data", `'${archive.folder}/${BUCKET_NAME}/activity/data`)
    .replace('november.csv', join(archive.folder, 'november.csv'))
}

function count(isCounted: (row: StoredEvent) => boolean): number {
  return ROWS.filter(isCounted).length
}

async function askDuckDb(sql: string): Promise<unknown[][]> {
  const duckdb = await (await DuckDBInstance.create()).connect()
  return (await duckdb.runAndReadAll(sql)).getRows()
}

describeWithClickHouse('ClickHouse', () => {
  let clickHouse: ClickHouse

  beforeAll(() => {
    clickHouse = new ClickHouse(archive.folder)
  })

  afterAll(() => clickHouse.close())

  it('counts by message', async () => {
    const found = await clickHouse.query(findRecipe('icebergS3('))
    const since = Date.UTC(2025, 9, 31)
    const expected = Map.groupBy(
      ROWS.filter(({ occurredAt }) => occurredAt >= since),
      ({ messageName }) => messageName,
    )
    expect(new Map(found.map(([name, ...counts]) => [name, counts.map(Number)]))).toEqual(
      new Map(
        [...expected].map(([name, rows]) => [
          name,
          ['DELIVERED', 'CLICKED'].map(
            (status) => rows.filter((row) => row.activityStatus === status).length,
          ),
        ]),
      ),
    )
  })

  it('finds the table in a catalog', async () => {
    await clickHouse.query(findRecipe('allow_database_iceberg'))
    await clickHouse.query(findRecipe('DataLakeCatalog('))
    const contacts = new Set(ROWS.flatMap(({ contactId }) => contactId ?? []))
    const [[found] = []] = await clickHouse.query(findRecipe('uniqExact('))
    expect(Number(found)).toBe(contacts.size)
  })
})

it('DuckDB counts by status', async () => {
  const found = await askDuckDb(findRecipe('hive_partitioning'))
  const delivered = count(({ activityStatus }) => activityStatus === 'DELIVERED')
  expect(found).toContainEqual(['DELIVERED', BigInt(delivered)])
})

it('DuckDB writes a file for a spreadsheet', async () => {
  await askDuckDb(findRecipe('COPY'))
  const lines = readFileSync(join(archive.folder, 'november.csv'), 'utf8').trim().split('\n')
  const inNovember = count(({ occurredAt }) => occurredAt >= Date.UTC(2025, 10, 1))
  expect(inNovember).toBeGreaterThan(0)
  expect(lines).toHaveLength(inNovember + 1)
  expect(lines[0]).toBe('occurredAt,activityStatus,messageName,contactId,email')
})
