import { beforeEach, describe, expect, it } from 'vitest'
import { keyOfVersion } from '../../../src/archive/table/bucket-catalog.ts'
import type { Catalog } from '../../../src/archive/table/catalog.ts'
import { commitTable } from '../../../src/archive/table/commit.ts'
import { keyOfFile } from '../../../src/db/archive/files.ts'
import type { TableMetadata } from '../../../src/archive/table/metadata.ts'
import { readTable } from '../../../src/archive/table/read.ts'
import { sweepMetadata } from '../../../src/archive/table/sweep.ts'
import { HOUR_MS } from '../../../src/event/clock.ts'
import { Crashing } from '../crashing.ts'
import { clearBucket } from '../../receiver.ts'
import {
  BUCKET,
  buildContext,
  buildFile,
  Files,
  NOVEMBER,
  OCTOBER,
  readEntries,
  ROOT,
} from './table.ts'

let files: Files

beforeEach(async () => {
  await clearBucket()
  files = new Files()
})

async function readKeys(month: number): Promise<string[]> {
  const found = await readTable(BUCKET, buildContext(files).catalog, month)
  return found.map(({ key }) => key)
}

async function readMetadata(version: number): Promise<TableMetadata> {
  const object = await BUCKET.get(keyOfVersion(version))
  return (await object?.json()) as TableMetadata
}

describe('commits', () => {
  it('has the files of all months that were ever committed', async () => {
    files.all.push(buildFile(OCTOBER, 1), buildFile(OCTOBER, 2))
    await commitTable(buildContext(files), [OCTOBER])
    files.all.push(buildFile(NOVEMBER, 1))
    await commitTable(buildContext(files), [NOVEMBER])
    expect(await readKeys(OCTOBER)).toEqual(files.keys(OCTOBER))
    expect(await readKeys(NOVEMBER)).toEqual(files.keys(NOVEMBER))
  })

  it('reads the size of a file back', async () => {
    files.all.push(buildFile(OCTOBER, 1, { events: 3, bytes: 2 ** 40 }))
    await commitTable(buildContext(files), [OCTOBER])
    const found = await readTable(BUCKET, buildContext(files).catalog, OCTOBER)
    expect(found).toEqual([
      { key: 'activity/data/month=2025-10/1-1.parquet', events: 3, bytes: 2 ** 40 },
    ])
  })

  it('changes nothing if the table has just these files', async () => {
    files.all.push(buildFile(OCTOBER, 1))
    const first = await commitTable(buildContext(files), [OCTOBER])
    const second = await commitTable(buildContext(files), [OCTOBER, NOVEMBER])
    expect(second).toEqual({ ...first, replaced: [] })
    expect(await readMetadata(2)).toBeUndefined()
  })

  it('begins without a snapshot', async () => {
    const commit = await commitTable(buildContext(files), [OCTOBER])
    expect(commit).toMatchObject({ snapshot: null, sequence: null, replaced: [] })
    expect(await readKeys(OCTOBER)).toEqual([])
  })

  it('drops the file that another version replaces, and a month without files', async () => {
    const [first, second] = [buildFile(OCTOBER, 1), buildFile(NOVEMBER, 1)]
    files.all.push(first, second)
    await commitTable(buildContext(files), [OCTOBER, NOVEMBER])
    files.replace(first, { ...first, version: 2, events: 40, bytes: 2_500 })
    files.replace(second)
    await commitTable(buildContext(files), [OCTOBER, NOVEMBER])
    expect(await readKeys(OCTOBER)).toEqual(['activity/data/month=2025-10/1-2.parquet'])
    expect(await readKeys(NOVEMBER)).toEqual([])
  })

  it('keeps the snapshot that added a file', async () => {
    files.all.push(buildFile(OCTOBER, 1))
    const first = await commitTable(buildContext(files), [OCTOBER])
    files.all.push(buildFile(OCTOBER, 2))
    const second = await commitTable(buildContext(files), [OCTOBER])
    files.all.push(buildFile(OCTOBER, 3))
    await commitTable(buildContext(files), [OCTOBER])
    const entries = await readEntries(OCTOBER)
    expect(
      entries
        .map(({ status, snapshot_id, sequence_number }) => [
          Number(status),
          String(snapshot_id),
          Number(sequence_number),
        ])
        .slice(0, 2),
    ).toEqual([
      [0, first.snapshot, 1],
      [0, second.snapshot, 2],
    ])
  })

  it('counts what changed, and in all', async () => {
    const [first, second] = [buildFile(OCTOBER, 1), buildFile(OCTOBER, 2)]
    files.all.push(first, second, buildFile(NOVEMBER, 1))
    await commitTable(buildContext(files), [OCTOBER, NOVEMBER])
    files.replace(first)
    files.replace(second, buildFile(OCTOBER, 3, { events: 200, bytes: 11_000 }))
    await commitTable(buildContext(files), [OCTOBER])
    const [snapshot] = (await readMetadata(2)).snapshots ?? []
    expect(snapshot?.summary).toMatchObject({
      operation: 'replace',
      'added-data-files': '1',
      'added-records': '200',
      'deleted-data-files': '2',
      'deleted-records': '200',
      'total-data-files': '2',
      'total-records': '300',
      'total-files-size': '17000',
    })
  })

  it('names the metadata that only earlier readers need', async () => {
    files.all.push(buildFile(OCTOBER, 1), buildFile(NOVEMBER, 1))
    await commitTable(buildContext(files), [OCTOBER, NOVEMBER])
    files.all.push(buildFile(OCTOBER, 2))
    const { replaced } = await commitTable(buildContext(files), [OCTOBER])
    expect(replaced.map((key) => key.replace(/\d{5,}/, '…'))).toEqual([
      'activity/metadata/2025-10-….avro',
      'activity/metadata/snap-….avro',
    ])
    await BUCKET.delete([...replaced])
    expect(await readKeys(OCTOBER)).toEqual(files.keys(OCTOBER))
    expect(await readKeys(NOVEMBER)).toEqual(files.keys(NOVEMBER))
  })
})

describe('entries', () => {
  it('have absolute paths, the month, and bounds of time and contact', async () => {
    const file = buildFile(OCTOBER, 1, { minContact: '-5', maxContact: '9007199254740993' })
    files.all.push(file, buildFile(NOVEMBER, 1, { minContact: null, maxContact: null }))
    await commitTable(buildContext(files), [OCTOBER, NOVEMBER])
    const entries = await readEntries(OCTOBER, NOVEMBER)
    expect((await readMetadata(1)).location).toBe(`${ROOT}/activity`)
    expect(entries.map((entry) => entry.data_file.file_path)).toEqual(
      files.all.map((each) => `${ROOT}/${keyOfFile(each)}`),
    )
    const [first, second] = entries.map((entry) => entry.data_file)
    expect(Object.values(first?.partition ?? {})).toEqual([55 * 12 + 9])
    expect(toLongs(first?.lower_bounds)).toEqual([BigInt(file.firstAt ?? 0) * 1_000n, -5n])
    expect(toLongs(first?.upper_bounds)).toEqual([
      BigInt(file.lastAt ?? 0) * 1_000n,
      9_007_199_254_740_993n,
    ])
    expect(toLongs(second?.lower_bounds)).toHaveLength(1)
  })
})

function toLongs(bounds: unknown): bigint[] {
  return (bounds as { value: Uint8Array }[]).map(({ value }) =>
    new DataView(value.buffer, value.byteOffset).getBigInt64(0, true),
  )
}

describe('two at a time', () => {
  it('has the files of both', async () => {
    files.all.push(buildFile(OCTOBER, 1))
    await commitTable(buildContext(files), [OCTOBER])
    files.all.push(buildFile(OCTOBER, 2), buildFile(NOVEMBER, 1))
    const commits = await Promise.all([
      commitTable(buildContext(files), [OCTOBER]),
      commitTable(buildContext(files), [NOVEMBER]),
    ])
    expect(commits.map(({ sequence }) => sequence).toSorted()).toEqual([2, 3])
    expect(await readKeys(OCTOBER)).toEqual(files.keys(OCTOBER))
    expect(await readKeys(NOVEMBER)).toEqual(files.keys(NOVEMBER))
  })

  it('lists the files anew after a conflict', async () => {
    files.all.push(buildFile(OCTOBER, 1))
    const context = buildContext(files)
    const late = buildFile(OCTOBER, 2)
    let listings = 0
    const listMonthFiles = async (month: number) => {
      const listed = await files.list(month)
      if (listings++ === 0) {
        files.all.push(late)
        await commitTable(buildContext(files), [OCTOBER])
      }
      return listed
    }
    await commitTable({ ...context, listMonthFiles }, [OCTOBER])
    expect(listings).toBe(2)
    expect(await readKeys(OCTOBER)).toContain(keyOfFile(late))
  })

  it('gives up if others keep coming first', async () => {
    files.all.push(buildFile(OCTOBER, 1))
    let number = 0
    const listMonthFiles = async (month: number) => {
      files.all.push(buildFile(NOVEMBER, ++number))
      await commitTable(buildContext(files), [NOVEMBER])
      return files.list(month)
    }
    const commit = commitTable({ ...buildContext(files), listMonthFiles }, [OCTOBER])
    await expect(commit).rejects.toThrow('Other commits')
  })
})

it.each([
  { others: 4, isCommitted: true },
  { others: 5, isCommitted: false },
])('gives up if others keep coming first: %j', async ({ others, isCommitted }) => {
  files.all.push(buildFile(OCTOBER, 1))
  const context = buildContext(files)
  let left = others
  const commit: Catalog['commit'] = async (base, next) =>
    left-- > 0 ? false : context.catalog.commit(base, next)
  const catalog: Catalog = { load: () => context.catalog.load(), commit }
  const tried = commitTable({ ...context, catalog }, [OCTOBER])
  if (isCommitted) await tried
  else await expect(tried).rejects.toThrow('came first')
  expect(await readKeys(OCTOBER)).toEqual(isCommitted ? files.keys(OCTOBER) : [])
})

it('recognizes its own commit if the bucket repeats the request', async () => {
  files.all.push(buildFile(OCTOBER, 1))
  await commitTable(buildContext(files), [OCTOBER])
  files.all.push(buildFile(OCTOBER, 2))
  const bucket = withPut(async (...[key, value, options]) => {
    const written = await BUCKET.put(key, value, options)
    return key === keyOfVersion(2) ? null : written
  })
  const { replaced } = await commitTable(buildContext(files, bucket), [OCTOBER])
  expect(replaced).toHaveLength(2) // a manifest, and the list of all
  expect(await readKeys(OCTOBER)).toEqual(files.keys(OCTOBER))
})

it('can be read after a late commit whose metadata is deleted already', async () => {
  files.all.push(buildFile(OCTOBER, 1))
  const bucket = withPut(async (...[key, value, options]) => {
    const written = await BUCKET.put(key, value, options)
    if (key !== keyOfVersion(1)) return written
    files.all.push(buildFile(OCTOBER, 2))
    await commitTable(buildContext(files), [OCTOBER])
    await sweepMetadata(BUCKET, buildContext(files).catalog, Date.now() + HOUR_MS)
    return written
  })
  await commitTable(buildContext(files, bucket), [OCTOBER])
  expect(await readKeys(OCTOBER)).toEqual(files.keys(OCTOBER))
})

/** The bucket, with another way to write. */
function withPut(
  put: (
    key: string,
    value: string | ArrayBuffer,
    options?: R2PutOptions,
  ) => Promise<R2Object | null>,
): R2Bucket {
  return { ...new Crashing().bucket(BUCKET), put } as unknown as R2Bucket
}

describe('a crash', () => {
  const calls = async () => {
    const counting = new Crashing()
    await commitTable(buildContext(files, counting.bucket(BUCKET)), [OCTOBER, NOVEMBER])
    return counting.calls
  }

  it.each(['before', 'after'] as const)(
    '%s any call leaves a table that can be read',
    async (when) => {
      const before = buildFile(OCTOBER, 1)
      files.all.push(before, buildFile(OCTOBER, 2))
      await commitTable(buildContext(files), [OCTOBER])
      files.replace(before, { ...before, version: 2 })
      files.all.push(buildFile(NOVEMBER, 1))
      const [last, old] = [
        files.all.map(keyOfFile),
        [before, files.all[1]].map((each) => keyOfFile(each ?? before)),
      ]
      const objects = await copyBucket()
      const count = await calls()
      expect(count).toBeGreaterThan(8)
      for (let call = 1; call <= count; call++) {
        await restoreBucket(objects)
        const crashing = new Crashing({ call, when })
        await commitTable(buildContext(files, crashing.bucket(BUCKET)), [OCTOBER, NOVEMBER]).catch(
          () => {},
        )
        const left = (await readEntries(OCTOBER, NOVEMBER)).map((entry) =>
          entry.data_file.file_path.slice(ROOT.length + 1),
        )
        expect([last, old].map((keys) => keys.toSorted().join())).toContain(left.toSorted().join())
        await commitTable(buildContext(files), [OCTOBER, NOVEMBER])
        expect(await readKeys(OCTOBER)).toEqual(files.keys(OCTOBER))
        expect(await readKeys(NOVEMBER)).toEqual(files.keys(NOVEMBER))
      }
    },
  )
})

async function copyBucket(): Promise<Map<string, ArrayBuffer>> {
  const copy = new Map<string, ArrayBuffer>()
  const { objects } = await BUCKET.list()
  for (const { key } of objects) {
    const object = await BUCKET.get(key)
    if (object) copy.set(key, await object.arrayBuffer())
  }
  return copy
}

async function restoreBucket(copy: ReadonlyMap<string, ArrayBuffer>): Promise<void> {
  await clearBucket()
  for (const [key, content] of copy) await BUCKET.put(key, content)
}
