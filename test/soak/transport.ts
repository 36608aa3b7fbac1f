import type { Transport } from '../../src/simulator/account.ts'
import { send } from '../../src/simulator/transport.ts'
import { PATIENCE_MS } from '../patience.ts'
import type { Fate } from './faults.ts'
import { CUT_OFF } from './start.ts'

/** A failure caused by fate; any other failure to get a response is the receiver's. */
export class RequestLost extends Error {}

/** The statuses for a correct request: accepted, or retry later. */
const EXPECTED = [200, 503]
const EXPECTED_IF_CUT_OFF = [400, 503]

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
    const { body } = original
    const headers: Record<string, string> = { ...original.headers, 'Soak-Time': String(now()) }
    const isCutOff = body !== undefined && fate.strikes('request is cut off')
    if (isCutOff) headers[CUT_OFF] = String(fate.random.between(0, body.length - 1))
    const response = await send({ ...original, headers }, PATIENCE_MS)
    const expected = isCutOff ? EXPECTED_IF_CUT_OFF : EXPECTED
    if (!expected.includes(response.status)) onUnexpectedResponse(response.status)
    if (isCutOff) throw new RequestLost('the connection broke')
    if (response.status === 200 && body && fate.strikes('response is lost'))
      throw new RequestLost('the response was lost')
    return response
  }
}
