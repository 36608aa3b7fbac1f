import type { Request } from './account.ts'

/** An answer, whole. */
export type Answer = { status: number; body: string; headers: Headers }

/** How long Yespo is taken to wait for an answer; nobody knows. */
const PATIENCE_MS = 30_000

/** Sends a request over the network; throws where no answer comes. */
export async function send({ method, url, headers, body }: Request): Promise<Answer> {
  // HTTP carries bytes, which fetch takes as characters.
  const pairs = Object.entries(headers).map(([name, value]) => [name, toByteString(value)] as const)
  const response = await fetch(url, {
    method,
    headers: Object.fromEntries(pairs),
    signal: AbortSignal.timeout(PATIENCE_MS),
    ...(body && { body: new Uint8Array(body) }),
  })
  return { status: response.status, body: await response.text(), headers: response.headers }
}

function toByteString(text: string): string {
  return Buffer.from(text).toString('latin1')
}
