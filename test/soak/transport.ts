import { request as startRequest } from 'node:http'
import type { Request, Transport } from '../../src/simulator/account.ts'
import { send, toBytes } from '../../src/simulator/transport.ts'
import type { Fate } from './faults.ts'

/** What fate did to a request; any other failure to get an answer is the receiver's. */
export class Lost extends Error {}

/** The answers to a request that is in order: taken, or come back later. */
const EXPECTED = [200, 503]

/**
 * Sends over the network, which cuts requests off in the middle and loses answers.
 * @param now what the receiver's clock shows: UTC milliseconds
 * @param onSurprise is told of an answer that should not be
 */
export function faultyTransport(fate: Fate, now: () => number, onSurprise: () => void): Transport {
  return async (original) => {
    const headers = { ...original.headers, 'Soak-Time': String(now()) }
    const request = { ...original, headers }
    if (request.body && fate.strikes('request is cut off')) return cutOff(request, fate)
    const answer = await send(request)
    if (!EXPECTED.includes(answer.status)) onSurprise()
    if (answer.status === 200 && request.body && fate.strikes('answer is lost'))
      throw new Lost('the answer was lost')
    return answer
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
    outgoing.on('error', () => reject(new Lost('the connection broke')))
    outgoing.on('close', () => reject(new Lost('the connection broke')))
    outgoing.write(whole.subarray(0, random.between(0, whole.length - 1)), () => outgoing.destroy())
  })
}
