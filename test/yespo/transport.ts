import type { Request } from './account.ts'

/** An answer, whole. */
export type Answer = { status: number; body: string; headers: Headers }

/** How long Yespo is taken to wait for an answer; nobody knows. */
const PATIENCE_MS = 30_000

/** Sends a request over the network; throws where no answer comes. */
export async function send({ method, url, headers, body }: Request): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: toBytes(headers),
    redirect: 'manual', // only 200 from the URL itself is success
    signal: AbortSignal.timeout(PATIENCE_MS),
    ...(body && { body: new Uint8Array(body) }),
  })
  return { status: response.status, body: await response.text(), headers: response.headers }
}

/** Headers in UTF-8: HTTP carries bytes, which Node takes as characters. */
export function toBytes(headers: Readonly<Record<string, string>>): Record<string, string> {
  const pairs = Object.entries(headers)
  return Object.fromEntries(
    pairs.map(([name, value]) => [name, Buffer.from(value).toString('latin1')]),
  )
}
