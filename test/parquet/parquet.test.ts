import { Buffer } from 'node:buffer'
import { env } from 'cloudflare:workers'
import * as fc from 'fast-check'
import { ByteWriter, parquetWrite, type ColumnSource } from 'hyparquet-writer'
import { expect, it } from 'vitest'
import { readKeys, readSubjects, readRows } from '../../src/parquet/decode.ts'
import { countCharacters, encodeParquet } from '../../src/parquet/encode.ts'
import { openObject } from '../../src/parquet/open.ts'
import { archiveBucket } from '../../src/settings/settings.ts'
import { ANY_ROW, buildRow } from './rows.ts'

function bucket(): R2Bucket {
  const archive = archiveBucket(env)
  if (!archive) throw new Error('The tests have no bucket.')
  return archive
}

async function put(key: string, file: ArrayBuffer): Promise<R2Object> {
  const object = await bucket().put(key, file)
  if (!object) throw new Error('The file was not stored.')
  return object
}

/** Text that hardly compresses: four characters for three bytes. */
function randomText(bytes: number): string {
  const text: string[] = []
  for (let left = bytes; left > 0; left -= 60_000) {
    const random = crypto.getRandomValues(new Uint8Array(Math.min(left, 60_000)))
    text.push(Buffer.from(random).toString('base64'))
  }
  return text.join('')
}

function writeFile(columnData: ColumnSource[]): ArrayBuffer {
  const writer = new ByteWriter()
  void parquetWrite({ writer, columnData })
  return writer.getBuffer()
}

// Times are in microseconds.
const KEY_COLUMNS: ColumnSource[] = [
  { name: 'occurredAt', data: [-5_000n], type: 'INT64', nullable: false },
  { name: 'id', data: ['a'], type: 'STRING', nullable: false },
  { name: 'receivedAt', data: [7_000n], type: 'INT64', nullable: false },
  { name: 'origin', data: ['webhook'], type: 'STRING', nullable: false },
  { name: 'contactId', data: [9007199254740993n], type: 'INT64' },
]

it('round-trips every event that the table can store, exactly', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(ANY_ROW, { maxLength: 30 }), async (rows) => {
      const file = encodeParquet(rows)
      expect(await readRows(file)).toEqual(rows)
      expect(await readKeys(file)).toEqual(rows.map(({ occurredAt, id }) => ({ occurredAt, id })))
      expect(await readSubjects(file)).toEqual(
        rows.map(({ contactId, email, sms, externalCustomerId, webpush, mobilepush }) => ({
          contactId,
          email,
          sms,
          externalCustomerId,
          webpush,
          mobilepush,
          extra: null,
        })),
      )
    }),
  )
})

it('distinguishes similar values', async () => {
  const rows = [
    buildRow({ occurredAt: -1, messageName: '', contactId: 0, hardBounce: 0 }),
    buildRow({ messageName: null, contactId: null, hardBounce: null }),
    buildRow({ messageName: '\uFEFFname', contactId: '9223372036854775807', hardBounce: 1 }),
    buildRow({ messageName: 'name\0', contactId: '-9223372036854775808' }),
    buildRow({ messageName: '👩🏽‍🚀', contactId: 9007199254740991 }),
    buildRow({ messageName: 'null', contactId: '9007199254740993', subscriptions: '[]' }),
  ]
  expect(await readRows(encodeParquet(rows))).toEqual(rows)
})

it('keeps the order over several row groups', async () => {
  const rows = Array.from({ length: 20_500 }, (_, index) =>
    buildRow({
      occurredAt: index,
      id: `${index}`,
      email: index % 7 ? null : `${index}@example.com`,
    }),
  )
  const file = encodeParquet(rows)
  expect(await readRows(file)).toEqual(rows)
  expect(await readSubjects(file)).toHaveLength(rows.length)
})

it('reads `extra` with the subjects only if it may identify someone', async () => {
  const extra = '{"Sms":380000000001}'
  const file = encodeParquet([buildRow({ extra }), buildRow({ extra: '{"note":"sms"}' })])
  const subjects = await readSubjects(file)
  expect(subjects.map((row) => row.extra)).toEqual([extra, null])
})

it('keeps the largest events, however little they can be compressed', async () => {
  const rows = [1, 2, 3, 4].map((index) =>
    buildRow({ id: `${index}`, extra: randomText(1_200_000) }),
  )
  expect(rows.map(countCharacters)).toEqual(rows.map(() => 1_600_008))
  expect(await readRows(encodeParquet(rows))).toEqual(rows)
})

it('reads the keys and the subjects from a bucket without the other columns', async () => {
  const rows = [buildRow({ labels: randomText(60_000) })]
  const { key, size, etag } = await put('reads.parquet', encodeParquet(rows))
  const object = openObject(bucket(), key, size, etag)
  expect(await readRows(object)).toEqual(rows)
  const reads: number[] = []
  const watched = {
    byteLength: size,
    slice: (start: number, end = size) => {
      reads.push(end - start)
      return object.slice(start, end)
    },
  }
  await readKeys(watched)
  await readSubjects(watched)
  const [, keys, , subjects] = reads // the first read of each is the footer, which lists the columns
  expect(reads).toHaveLength(4)
  expect(keys).toBeLessThan(1_000)
  expect(subjects).toBeLessThan(3_000)
})

it('notices that a file is gone, or was replaced', async () => {
  const { size, etag } = await put('moves.parquet', encodeParquet([buildRow()]))
  await put('moves.parquet', encodeParquet([buildRow({ id: 'other' })]))
  await expect(readKeys(openObject(bucket(), 'moves.parquet', size, etag))).rejects.toThrow(
    'replaced',
  )
  await expect(readKeys(openObject(bucket(), 'none.parquet', size, etag))).rejects.toThrow(
    'no file',
  )
})

it('reads a file from a release with fewer parameters', async () => {
  const row = { occurredAt: -5, id: 'a', receivedAt: 7, contactId: '9007199254740993' }
  expect(await readRows(writeFile(KEY_COLUMNS))).toEqual([buildRow(row)])
})

it('rejects a file from a release with more parameters, which would be lost', async () => {
  const file = writeFile([...KEY_COLUMNS, { name: 'mood', data: ['good'], type: 'STRING' }])
  await expect(readRows(file)).rejects.toThrow('mood')
  expect(await readKeys(file)).toEqual([{ occurredAt: -5, id: 'a' }])
})

it('rejects a file that is not from the archive', async () => {
  await expect(readKeys(writeFile(KEY_COLUMNS.slice(1)))).rejects.toThrow('occurredAt')
  await expect(readKeys(await new Response('no Parquet').arrayBuffer())).rejects.toThrow()
})
