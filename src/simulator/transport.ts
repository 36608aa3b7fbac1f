import type { Request } from './account.ts'

export type CompleteResponse = { status: number; body: string; headers: Headers }

/** How long Yespo waits for a response is not documented. */
const TIMEOUT_MS = 30_000

/** Sends a request over the network; throws if there is no response. */
export async function send(
  { method, url, headers, body }: Request,
  timeoutMs = TIMEOUT_MS,
): Promise<CompleteResponse> {
  const response = await fetch(url, {
    method,
    headers: toBytes(headers),
    redirect: 'manual', // only 200 from the URL itself is success
    signal: AbortSignal.timeout(timeoutMs),
    ...(body && { body: new Uint8Array(body) }),
  })
  return { status: response.status, body: await response.text(), headers: response.headers }
}

/** Headers in UTF-8: HTTP carries bytes, which Node takes as characters. */
function toBytes(headers: Readonly<Record<string, string>>): Record<string, string> {
  const pairs = Object.entries(headers)
  return Object.fromEntries(
    pairs.map(([name, value]) => [name, Buffer.from(value).toString('latin1')]),
  )
}

/** Elements that a receiver accepted, quarantined, or deferred to check them later; null if it deferred all, uncounted. */
export type ReceivedCounts = { accepted: number; quarantined: number; deferred: number | null }

/** The counts of a receiver's response; only ours has any. */
export function readCounts(body: string): ReceivedCounts {
  try {
    const { accepted, quarantined, deferred } = JSON.parse(body) as Record<string, unknown>
    return {
      accepted: typeof accepted === 'number' ? accepted : 0,
      quarantined: Array.isArray(quarantined) ? quarantined.length : 0,
      deferred: typeof deferred === 'number' || deferred === null ? deferred : 0,
    }
  } catch {
    return { accepted: 0, quarantined: 0, deferred: 0 } // another receiver's response, which only has to be 200
  }
}
