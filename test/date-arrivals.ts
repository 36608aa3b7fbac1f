import { env } from 'cloudflare:workers'

/** As if all that is stored had come in, and been stored, at these times: UTC milliseconds. */
export async function dateArrivals(storedAt: number, receivedAt = storedAt): Promise<void> {
  await env.DB.prepare(
    'UPDATE activity SET savedBy = CAST(? AS INTEGER) << 22, receivedAt = CAST(? AS INTEGER)',
  )
    .bind(storedAt, receivedAt)
    .run()
}
