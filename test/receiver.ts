import { env, exports } from 'cloudflare:workers'
import { expect, vi } from 'vitest'
import { app } from '../src/routes.ts'
import { archiveBucket } from '../src/settings/settings.ts'
import { PATIENT } from './patience.ts'

/** A body: an object to send as JSON, or text or bytes. */
export type Body = object | string | Uint8Array

/** The response of the webhook to a request that it accepted. */
export type Taken = {
  received: number
  accepted: number
  quarantined: { index: number; reason: string }[]
  deferred: number
}

/** An event of the read API. */
export type Responded = { id: string; occurredAt: number; labels: object; extra: object } & Record<
  string,
  unknown
>

export const CREDENTIALS = basic('yespo:pass:word-for-tests')

export function basic(pair: string): string {
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

function encode(body: Body): string | Uint8Array<ArrayBuffer> {
  if (typeof body === 'string') return body
  return body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body)
}

/** Posts to the running receiver, with its real queue. */
export function post(body: Body, headers: Record<string, string> = {}): Promise<Response> {
  return exports.default.fetch('https://receiver.example.com/webhooks/yespo', {
    method: 'POST',
    headers: { Authorization: CREDENTIALS, ...headers },
    body: encode(body),
  })
}

/** Posts to the app with other settings or bindings. */
export async function postWith(
  changed: Partial<Env>,
  body: Body,
  headers: Record<string, string> = { Authorization: CREDENTIALS },
): Promise<Response> {
  const init = { method: 'POST', headers, body: encode(body) }
  // Without a queue of their own, large messages share that of the others.
  const { ACTIVITY_QUEUE: queue = env.LARGE_QUEUE } = changed
  return app.request('/webhooks/yespo', init, { ...env, LARGE_QUEUE: queue, ...changed })
}

/** Posts a body that has to be accepted. */
export async function take(body: Body, headers?: Record<string, string>): Promise<Taken> {
  const response = await post(body, headers)
  expect(response.status).toBe(200)
  return response.json()
}

/** Calls the read API; `path` starts with `/`. */
export function read(path: string, token = 'read-token-for-tests'): Promise<Response> {
  return exports.default.fetch(`https://receiver.example.com${path}`, {
    headers: { Authorization: `Bearer ${token}` },
  })
}

/** The newest events of the read API. */
export async function list(query = ''): Promise<{ activity: Responded[]; next: string | null }> {
  const response = await read(`/activity${query}`)
  expect(response.status).toBe(200)
  return response.json()
}

/** Waits until a table has that number of rows. */
export async function untilStored(rows: number, table = 'activity'): Promise<void> {
  await vi.waitFor(async () => expect(await count(table)).toBe(rows), PATIENT)
}

export async function count(table: string): Promise<number> {
  const row = await env.DB.prepare(`SELECT count(*) AS rows FROM ${table}`).first<{
    rows: number
  }>()
  return row?.rows ?? 0
}

const TABLES = [
  'activity',
  'quarantine',
  'large_bodies',
  'body_parts',
  'campaigns',
  'totals',
  'hours',
  'rollups',
  'rollup_hours',
  'links',
  'engagement',
  'engagement_parts',
  'contact_identifiers',
  'suppressions',
  'erasures',
  'tombstones',
  'frozen_hours',
  'archive',
  'archive_days',
  'archive_garbage',
  'late_arrivals',
  'alerts',
  'unexpected',
  'usage',
  'key_values',
  'sync_runs',
  'time_slices',
  'zone_history',
  'coverage',
  'confirmed_events',
  'ended_sessions',
]

/** Empties all tables. */
export async function clearTables(): Promise<void> {
  const kept = "WHERE name <> 'erasure.key'" // from the migration
  await env.DB.batch(
    TABLES.map((table) =>
      env.DB.prepare(`DELETE FROM ${table} ${table === 'key_values' ? kept : ''}`),
    ),
  )
}

/** Deletes all objects of the archive's bucket. */
export async function clearBucket(): Promise<void> {
  const bucket = archiveBucket(env) as R2Bucket
  const { objects, truncated } = await bucket.list()
  await bucket.delete(objects.map(({ key }) => key))
  if (truncated) await clearBucket()
}

/** The quarantine, in order. */
export async function listQuarantine(): Promise<Record<string, unknown>[]> {
  const sql = 'SELECT * FROM quarantine ORDER BY request, elementIndex, part'
  return (await env.DB.prepare(sql).all()).results
}
