import { beforeEach, expect, it } from 'vitest'
import { commitTable, type CommitContext } from '../../../src/archive/table/commit.ts'
import { openRestCatalog } from '../../../src/archive/table/rest-catalog.ts'
import { readTable } from '../../../src/archive/table/read.ts'
import { clearBucket } from '../../receiver.ts'
import { RestStub, STUB } from './rest-stub.ts'
import { BUCKET, buildFile, Files, NOVEMBER, OCTOBER, ROOT } from './table.ts'

let files: Files
let stub: RestStub

beforeEach(async () => {
  await clearBucket()
  files = new Files()
  stub = new RestStub(`${ROOT}/elsewhere/1`, async () => {})
})

function buildContext(settings = STUB): CommitContext {
  return {
    bucket: BUCKET,
    catalog: openRestCatalog(settings, stub.fetch),
    listMonthFiles: files.list,
  }
}

async function readKeys(month: number): Promise<string[]> {
  const found = await readTable(BUCKET, buildContext().catalog, month)
  return found.map(({ key }) => key)
}

it('creates namespace and table, and commits to it', async () => {
  files.all.push(buildFile(OCTOBER, 1))
  await commitTable(buildContext(), [OCTOBER])
  expect(stub.requests).toEqual([
    'GET config?warehouse=house',
    'GET of-house/namespaces/yespo/tables/activity',
    'POST of-house/namespaces',
    'POST of-house/namespaces/yespo/tables',
    'POST of-house/namespaces/yespo/tables/activity',
  ])
  files.all.push(buildFile(NOVEMBER, 1))
  const { table, snapshot } = await commitTable(buildContext(), [NOVEMBER])
  expect(await readKeys(OCTOBER)).toEqual(files.keys(OCTOBER))
  expect(await readKeys(NOVEMBER)).toEqual(files.keys(NOVEMBER))
  expect(stub.metadata?.['table-uuid']).toBe(table)
  expect(stub.metadata?.snapshots?.map((each) => String(each['snapshot-id']))).toEqual([snapshot])
})

it('uses what another run has created meanwhile', async () => {
  files.all.push(buildFile(OCTOBER, 1), buildFile(NOVEMBER, 1))
  await Promise.all([
    commitTable(buildContext(), [OCTOBER]),
    commitTable(buildContext(), [NOVEMBER]),
  ])
  expect(
    stub.requests.filter((request) => request.endsWith('POST of-house/namespaces')),
  ).toHaveLength(2)
  expect(await readKeys(OCTOBER)).toEqual(files.keys(OCTOBER))
  expect(await readKeys(NOVEMBER)).toEqual(files.keys(NOVEMBER))
})

it('starts over if another commit came first', async () => {
  files.all.push(buildFile(OCTOBER, 1))
  await commitTable(buildContext(), [OCTOBER])
  let listings = 0
  const listMonthFiles = async (month: number) => {
    if (listings++ === 0) {
      files.all.push(buildFile(NOVEMBER, 1))
      await commitTable(buildContext(), [NOVEMBER])
      files.all.push(buildFile(OCTOBER, 2))
    }
    return files.list(month)
  }
  await commitTable({ ...buildContext(), listMonthFiles }, [OCTOBER])
  expect(listings).toBe(2)
  expect(await readKeys(OCTOBER)).toEqual(files.keys(OCTOBER))
  expect(await readKeys(NOVEMBER)).toEqual(files.keys(NOVEMBER))
})

it('adds the columns of a new release to the schema', async () => {
  files.all.push(buildFile(OCTOBER, 1))
  await commitTable(buildContext(), [OCTOBER])
  const { metadata } = stub
  const [schema] = metadata?.schemas ?? []
  if (!metadata || !schema) throw new Error('There is no table.')
  stub.metadata = { ...metadata, schemas: [{ ...schema, fields: schema.fields.slice(0, -1) }] }
  files.all.push(buildFile(OCTOBER, 2))
  await commitTable(buildContext(), [OCTOBER])
  expect(stub.metadata?.schemas.map(({ fields }) => fields.length)).toEqual([
    schema.fields.length - 1,
    schema.fields.length,
  ])
  expect(stub.metadata).toMatchObject({ 'current-schema-id': 1 })
})

it('fails, without the token in the error, if the catalog fails', async () => {
  files.all.push(buildFile(OCTOBER, 1))
  const wrong = commitTable(buildContext({ ...STUB, token: 'a wrong one' }), [OCTOBER])
  await expect(wrong).rejects.toThrow(
    'The catalog responded 401 to a request for its configuration.',
  )
  stub.statuses.push(undefined, 503)
  const down = commitTable(buildContext(), [OCTOBER])
  await expect(down).rejects.toThrow('The catalog responded 503 to a request for the table.')
  stub.statuses.push(undefined, undefined, undefined, undefined, 500)
  const unknown = commitTable(buildContext(), [OCTOBER])
  await expect(unknown).rejects.toThrow('The catalog responded 500 to a commit.')
  await commitTable(buildContext(), [OCTOBER])
  expect(await readKeys(OCTOBER)).toEqual(files.keys(OCTOBER))
})
