import * as z from 'zod'
import { defineEndpoint, lazily } from '../http/endpoint.ts'
import { nextPage } from '../http/response-fields.ts'
import { HttpError } from '../platform/http-error.ts'
import { ErasureKey } from '../db/erasure/tombstones.ts'
import { listErased, restoreRecords, type ErasureRecord } from '../db/erasure/record.ts'
import { PAGE_DIGESTS, RECORD_PREFIX } from './record-erased.ts'

const MAX_BODY_BYTES = 200_000
const FILES_AT_ONCE = 10

const DIGEST = /^[\w-]{22}$/

/** A record of erasures: the content of a file, of an object in the bucket, or of a request. */
const recordSchema = z
  .strictObject({
    key: z.string().max(100).meta({ description: 'Identifies the key of the digests.' }),
    erased: z
      .array(z.tuple([z.string().regex(DIGEST), z.int()]))
      .max(PAGE_DIGESTS)
      .meta({ description: 'Digests, each with the time of the request: UTC milliseconds.' }),
    erasures: z
      .array(z.strictObject({ number: z.int(), erasedAt: z.int(), keepsSuppressions: z.boolean() }))
      .max(PAGE_DIGESTS),
  })
  .meta({ id: 'ErasureRecord' })

const showRecord = defineEndpoint({
  method: 'get',
  path: '/erasures/record',
  access: 'readToken',
  operationId: 'showErasureRecord',
  tag: 'Contacts',
  summary: 'Get the record of erasures, to keep it outside the database',
  description:
    'Anonymous digests, which only the key in the database can produce. If an archive is bound, the record is written to its bucket automatically. `npm run erase-again -- --save FILE` saves it.',
  query: z.strictObject({
    cursor: z
      .string()
      .regex(DIGEST, 'must be the `next` value of the previous page')
      .optional()
      .meta({ description: 'The `next` of the previous page.' }),
  }),
  response: lazily(() =>
    z.strictObject({ record: recordSchema, next: nextPage() }).meta({ id: 'ErasureRecordPage' }),
  ),
  async handle({ env, query: { cursor = '' } }) {
    const { key, erased, erasures } = await listErased(env.DB, cursor, PAGE_DIGESTS)
    const next = erased.length < PAGE_DIGESTS ? null : (erased.at(-1)?.[0] ?? null)
    return { record: { key, erased, erasures }, next }
  },
})

const importRecord = defineEndpoint({
  method: 'post',
  path: '/erasures/record',
  access: 'operateToken',
  operationId: 'importErasureRecord',
  conflict: true,
  tag: 'Contacts',
  summary: 'Import the record of erasures after the database was restored',
  description: 'From then on, nothing older than an erasure is stored about its data subject.',
  body: { schema: () => recordSchema, description: 'The `record` of a page, unchanged.' },
  response: lazily(() =>
    z
      .strictObject({ imported: z.int().meta({ description: 'The number of digests.' }) })
      .meta({ id: 'RecordImported' }),
  ),
  async handle({ env }, { req }) {
    const text = await req.text()
    if (text.length > MAX_BODY_BYTES) throw unreadable('The body is too long')
    const record = recordSchema.safeParse(parseJson(text)).data
    if (!record) throw unreadable('The body is not a record')
    if (record.key !== (await ErasureKey.read(env.DB)).fingerprint) {
      throw new HttpError(
        409,
        'other_key',
        'This record is from another database: its digests match no one here.',
      )
    }
    await restoreRecords(env.DB, [record], false)
    return { imported: record.erased.length }
  },
})

export const recordEndpoints = [showRecord, importRecord]

function unreadable(what: string): HttpError {
  return new HttpError(
    400,
    'invalid_body',
    `${what}: send the “record” of a page of GET /erasures/record, unchanged.`,
  )
}

/** A parsed text; undefined if it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * Imports the records in the bucket, some files at a time.
 *
 * @param after the last file that was imported; empty for the beginning
 * @returns the number of digests, and the last file; null if all are imported
 * @throws what D1 and R2 throw, and Error if a file is not a record
 */
export async function takeRecorded(
  db: D1Database,
  bucket: R2Bucket,
  after: string,
): Promise<{ scanned: number; last: string | null }> {
  const { fingerprint } = await ErasureKey.read(db)
  const { objects, truncated } = await bucket.list({
    prefix: RECORD_PREFIX,
    limit: FILES_AT_ONCE,
    ...(after !== '' && { startAfter: after }),
  })
  const records: ErasureRecord[] = []
  for (const { key } of objects) {
    const object = await bucket.get(key)
    const record = recordSchema.safeParse(parseJson((await object?.text()) ?? '')).data
    if (!record) throw new Error(`the file ${key} of the bucket is no record of erasures`)
    if (record.key === fingerprint) records.push(record) // other receivers may use the same bucket
  }
  await restoreRecords(db, records, true)
  const scanned = records.reduce((sum, { erased }) => sum + erased.length, 0)
  return { scanned, last: truncated ? (objects.at(-1)?.key ?? null) : null }
}
