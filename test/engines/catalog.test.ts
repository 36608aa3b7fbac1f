import { expect, it } from 'vitest'
import { openRestCatalog } from '../../src/archive/table/rest-catalog.ts'
import { STUB, type RestStub } from '../archive/table/rest-stub.ts'
import { makeRows } from '../parquet/simulated-rows.ts'
import { Archive, BUCKET_NAME, digestQuery, digestRows } from './archive.ts'
import { BucketServer } from './bucket-server.ts'
import { ClickHouse, describeWithClickHouse } from './clickhouse.ts'

const ROWS = makeRows(12, 3_000, Date.UTC(2025, 9, 30))
const CREDENTIALS = `'key', 'secret'`

describeWithClickHouse('ClickHouse', () => {
  let server: BucketServer
  let clickHouse: ClickHouse

  const write = async () => {
    const archive = new Archive()
    await archive.writeDays(ROWS)
    return archive
  }

  const start = async (archive: Archive, catalog?: RestStub) => {
    server = new BucketServer(archive.bucket, BUCKET_NAME, catalog)
    clickHouse = new ClickHouse(archive.folder)
    return server.start()
  }

  const stop = (archive: Archive) => {
    clickHouse.close()
    server.close()
    archive.remove()
  }

  it('reads the table by its URL', async () => {
    const archive = await write()
    await archive.commit()
    const url = await start(archive)
    const table = `icebergS3('${url}/${BUCKET_NAME}/activity', ${CREDENTIALS})`
    expect(await clickHouse.query(digestQuery(table))).toEqual([[digestRows(ROWS)]])
    stop(archive)
  })

  it('finds the table in a REST catalog', async () => {
    const archive = await write()
    const stub = archive.openStub()
    await archive.commit(openRestCatalog(STUB, stub.fetch))
    const url = await start(archive, stub)
    await clickHouse.query('SET allow_database_iceberg = 1')
    await clickHouse.query(`
      CREATE DATABASE lake ENGINE = DataLakeCatalog('${url}/catalog/v1', ${CREDENTIALS})
      SETTINGS catalog_type = 'rest', warehouse = '${STUB.warehouse}',
        auth_header = 'Authorization: Bearer ${STUB.token}',
        storage_endpoint = '${url}/${BUCKET_NAME}'`)
    expect(await clickHouse.query('SHOW TABLES FROM lake')).toEqual([['yespo.activity']])
    const table = 'lake.`yespo.activity`'
    expect(await clickHouse.query(digestQuery(table))).toEqual([[digestRows(ROWS)]])
    stop(archive)
  })
})
