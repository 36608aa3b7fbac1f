import { request as startRequest } from 'node:http'
import type { Request, Transport } from '../../src/simulator/account.ts'
import { send, toBytes } from '../../src/simulator/transport.ts'
import { PATIENCE_MS } from '../patience.ts'
import type { Fate } from './faults.ts'

/** A failure caused by fate; any other failure to get a response is the receiver's. */
export class RequestLost extends Error {}

/** The statuses for a correct request: accepted, or retry later. */
const EXPECTED = [200, 503]

/**
 * Sends over a network that cuts requests off in the middle and loses responses.
 * @param now the receiver's time: UTC milliseconds
 * @param onUnexpectedResponse called for a status that a correct request should not get
 */
export function faultyTransport(
  fate: Fate,
  now: () => number,
  onUnexpectedResponse: (status: number) => void,
): Transport {
  return async (original) => {
    const headers = { ...original.headers, 'Soak-Time': String(now()) }
    const request = { ...original, headers }
    if (request.body && fate.strikes('request is cut off')) return cutOff(request, fate)
    const response = await send(request, PATIENCE_MS)
    if (!EXPECTED.includes(response.status)) onUnexpectedResponse(response.status)
    if (response.status === 200 && request.body && fate.strikes('response is lost'))
      throw new RequestLost('the response was lost')
    return response
  }
}

/** Promises the whole body, sends a part of it and hangs up. */
function cutOff({ method, url, headers, body }: Request, { random }: Fate): Promise<never> {
  const whole = body ?? Buffer.alloc(0)
  return new Promise((_resolve, reject) => {
    const outgoing = startRequest(url, {
      method,
      headers: { ...toBytes(headers), 'Content-Length': String(whole.length) },
    })
    outgoing.on('error', () => reject(new RequestLost('the connection broke')))
    outgoing.on('close', () => reject(new RequestLost('the connection broke')))
    outgoing.write(whole.subarray(0, random.between(0, whole.length - 1)), () => outgoing.destroy())
  })
}
