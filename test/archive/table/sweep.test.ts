import { beforeEach, expect, it } from 'vitest'
import { METADATA_PREFIX } from '../../../src/archive/table/bucket-catalog.ts'
import { commitTable } from '../../../src/archive/table/commit.ts'
import { sweepMetadata } from '../../../src/archive/table/sweep.ts'
import { Crashing } from '../crashing.ts'
import { clearBucket } from '../../receiver.ts'
import { BUCKET, buildContext, buildFile, Files, NOVEMBER, OCTOBER, readEntries } from './table.ts'

const LATER = Date.now() + 3_600_000

let files: Files

beforeEach(async () => {
  await clearBucket()
  files = new Files()
})

async function countMetadata(): Promise<number> {
  return (await BUCKET.list({ prefix: METADATA_PREFIX })).objects.length
}

it('leaves what the current version needs, and nothing else', async () => {
  for (let number = 1; number <= 4; number++) {
    files.all.push(buildFile(OCTOBER, number), buildFile(NOVEMBER, number))
    await commitTable(buildContext(files), [OCTOBER, NOVEMBER])
  }
  files.all.push(buildFile(OCTOBER, 5))
  const crashing = new Crashing({ call: 8, when: 'before' })
  await commitTable(buildContext(files, crashing.bucket(BUCKET)), [OCTOBER]).catch(() => {})
  await BUCKET.put('activity/data/month=2025-10/1-1.parquet', 'data')
  expect(await sweepMetadata(BUCKET, buildContext(files).catalog, LATER)).toBeGreaterThan(12)
  expect(await countMetadata()).toBe(5) // two manifests, their list, the version, the hint
  expect(await readEntries(OCTOBER, NOVEMBER)).toHaveLength(8)
  expect(await BUCKET.head('activity/data/month=2025-10/1-1.parquet')).not.toBeNull()
})

it('leaves what was written lately', async () => {
  files.all.push(buildFile(OCTOBER, 1))
  await commitTable(buildContext(files), [OCTOBER])
  files.all.push(buildFile(OCTOBER, 2))
  await commitTable(buildContext(files), [OCTOBER])
  const before = await countMetadata()
  expect(await sweepMetadata(BUCKET, buildContext(files).catalog, Date.now() - 60_000)).toBe(0)
  expect(await countMetadata()).toBe(before)
})
