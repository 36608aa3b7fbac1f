import type { Context } from 'hono'
import * as z from 'zod'
import { parseQuery } from '../http/parse-query.ts'
import { HttpError } from '../platform/http-error.ts'
import { archiveBucket } from '../settings/settings.ts'
import { ErasureKey } from '../db/erasure/tombstones.ts'
import {
  findUnrecorded,
  listErased,
  markRecorded,
  restoreRecords,
  type ErasureRecord,
} from '../db/erasure/record.ts'

type OperateContext = Context<{ Bindings: Env }>

const PREFIX = 'erasures/' // in the bucket; what moves there is elsewhere
const PAGE_DIGESTS = 1_000
const MAX_BODY_BYTES = 200_000
const FILES_AT_ONCE = 10
const NO_STORE = { 'Cache-Control': 'no-store' }

/** Statements that recording takes where there is anyone to record. */
export const RECORD_STATEMENTS = 4

/** A record, as it is in a file, in the bucket, or in the body of a request. */
export const recordSchema = z.strictObject({
  key: z.string().max(100).meta({ description: 'Tells the key of the digests from any other.' }),
  erased: z
    .array(z.tuple([z.string().regex(/^[\w-]{22}$/), z.int()]))
    .max(PAGE_DIGESTS)
    .meta({ description: 'Digests, each with when it was asked for: UTC milliseconds.' }),
  erasures: z
    .array(z.strictObject({ number: z.int(), erasedAt: z.int(), keepsSuppressions: z.boolean() }))
    .max(PAGE_DIGESTS),
})

/** What `GET /erasures/record` is asked for. */
export const recordQuery = z.strictObject({
  cursor: z
    .string()
    .regex(/^[\w-]{22}$/, 'has to be the "next" of the page before')
    .optional()
    .meta({ description: 'The `next` of the page before.' }),
})

/** `GET /erasures/record`: who does not come back, in digests, for a copy outside the database. */
export async function showRecord({ env, req }: OperateContext): Promise<Response> {
  const { cursor = '' } = parseQuery(recordQuery, new URL(req.url).searchParams)
  const record = await listErased(env.DB, cursor, PAGE_DIGESTS)
  const isEnd = record.erased.length < PAGE_DIGESTS
  const next = isEnd ? null : (record.erased.at(-1)?.[0] ?? null)
  return Response.json({ record, next }, { headers: NO_STORE })
}

/** `POST /erasures/record`: takes a copy in that was made by this database before it was restored. */
export async function takeRecord({ env, req }: OperateContext): Promise<Response> {
  const text = await req.text()
  if (text.length > MAX_BODY_BYTES) throw unreadable('It is too long')
  const record = recordSchema.safeParse(parseJson(text)).data
  if (!record) throw unreadable('It is not a record')
  if (record.key !== (await ErasureKey.read(env.DB)).fingerprint) {
    throw new HttpError(
      409,
      'other_key',
      'This record is of another database: nobody in it can be recognized here.',
    )
  }
  await restoreRecords(env.DB, [record], false)
  return Response.json({ taken: record.erased.length }, { headers: NO_STORE })
}

function unreadable(what: string): HttpError {
  return new HttpError(
    400,
    'invalid_body',
    `${what}: send the "record" of a page of GET /erasures/record, as it came.`,
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * Writes down in the bucket, where there is one, who was forgotten since the last time: in digests, as a file
 * of its own. Where it breaks off, some are written twice.
 *
 * @returns whether there was anyone
 * @throws what D1 and R2 throw
 */
export async function recordErased(env: Env): Promise<boolean> {
  const bucket = archiveBucket(env)
  const record = bucket && (await findUnrecorded(env.DB, PAGE_DIGESTS))
  if (!bucket || !record) return false
  const key = `${PREFIX}${new Date().toISOString()}-${crypto.randomUUID()}.json`
  await bucket.put(key, JSON.stringify(record), {
    httpMetadata: { contentType: 'application/json' },
  })
  await markRecorded(env.DB, record.erased)
  return true
}

/**
 * Takes in what was recorded in the bucket, some files at a time.
 *
 * @param after the last file that was taken in; empty for the beginning
 * @returns how many digests, and the last file; null where all are taken in
 * @throws what D1 and R2 throw, and Error where a file is no record
 */
export async function takeRecorded(
  db: D1Database,
  bucket: R2Bucket,
  after: string,
): Promise<{ looked: number; last: string | null }> {
  const { fingerprint } = await ErasureKey.read(db)
  const { objects, truncated } = await bucket.list({
    prefix: PREFIX,
    limit: FILES_AT_ONCE,
    ...(after !== '' && { startAfter: after }),
  })
  const records: ErasureRecord[] = []
  for (const { key } of objects) {
    const object = await bucket.get(key)
    const record = recordSchema.safeParse(parseJson((await object?.text()) ?? '')).data
    if (!record) throw new Error(`the file ${key} of the bucket is no record of erasures`)
    if (record.key === fingerprint) records.push(record) // another receiver may use the bucket, too
  }
  await restoreRecords(db, records, true)
  const looked = records.reduce((sum, { erased }) => sum + erased.length, 0)
  return { looked, last: truncated ? (objects.at(-1)?.key ?? null) : null }
}
