import { env } from 'cloudflare:workers'

/** Sets when all stored events were received and stored: UTC milliseconds. */
export async function dateArrivals(storedAt: number, receivedAt = storedAt): Promise<void> {
  await env.DB.prepare(
    'UPDATE activity SET writeId = CAST(? AS INTEGER) << 20, receivedAt = CAST(? AS INTEGER)',
  )
    .bind(storedAt, receivedAt)
    .run()
  await recordEvent(storedAt, receivedAt)
}

/** Records when an event was last stored, in the day's usage. */
export async function recordEvent(storedAt: number, receivedAt = storedAt): Promise<void> {
  await env.DB.prepare('INSERT OR REPLACE INTO usage VALUES (0, 0, 0, 0, 0, ?1, ?2, ?1 - ?2)')
    .bind(storedAt, receivedAt)
    .run()
}
