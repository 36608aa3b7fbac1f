import { digest128 } from './activity/identity.ts'
import { log, type LogFields } from './log.ts'
import { Refusal } from './refusal.ts'
import { withTimeLimit } from './time-limit.ts'

const RETRY_AFTER = { 'Retry-After': '60' } // the period of the limits in wrangler.toml, in seconds
const ANSWER_LIMIT_MS = 1_000 // it counts where the Worker runs, so it answers at once or not at all
const NO_ADDRESS = 'no address' // only Cloudflare says it: not on the local machine

/** What limits are counted by; undefined where wrangler.toml names none. */
type Limiter = RateLimit | undefined

/**
 * Checks credentials. What is right is let in whatever came before, as only what turned out to be wrong
 * is counted; where one address sent too much of that, its refusal gives way to one without a line in
 * the log.
 *
 * @param check throws Refusal 401 or 403 where the credentials are wrong
 * @throws Refusal that of the check, or 429 `too_many_failures`
 */
export async function checkThrottled(
  check: () => void,
  limiter: Limiter,
  headers: Headers,
): Promise<void> {
  try {
    check()
  } catch (error) {
    const isFailure = error instanceof Refusal && [401, 403].includes(error.status)
    throw isFailure ? error.withLog(await countFailure(limiter, headers)) : error
  }
}

/**
 * Counts that credentials were wrong, by the address that they came from.
 *
 * @returns what the line about it in the log is to say besides
 * @throws Refusal 429 `too_many_failures` where there were too many
 */
export async function countFailure(limiter: Limiter, headers: Headers): Promise<LogFields> {
  const address = headers.get('CF-Connecting-IP')
  const counted = await count(limiter, address === null ? NO_ADDRESS : networkOf(address))
  if (counted === 'exceeded') {
    throw new Refusal(
      429,
      'too_many_failures',
      'Wrong credentials came too often from this address. Compare them with the settings, and try again in a minute; the right ones are let in at any time.',
      { headers: RETRY_AFTER, log: 'nothing' },
    )
  }
  return counted === 'unknown' ? { limiter: 'failed' } : {}
}

/** An address as it is counted by: of IPv6 the first 64 bits, as whoever has one has all of these. */
function networkOf(address: string): string {
  // An IPv4 address that is written as one of IPv6 is one computer.
  if (!address.includes(':') || address.includes('.')) return address
  const [before = '', after] = address.toLowerCase().split('::')
  const groups = before.split(':').filter((group) => group !== '')
  const rest = (after ?? '').split(':').filter((group) => group !== '')
  const zeros = after === undefined ? 0 : Math.max(0, 8 - groups.length - rest.length)
  const all = [...groups, ...Array<string>(zeros).fill('0'), ...rest]
  const network = all.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''))
  return `${network.join(':')}::/64`
}

/**
 * Counts a request to read, by the token that it came with.
 * @throws Refusal 429 `too_many_requests` where there were too many
 */
export async function countReading(limiter: Limiter, token: string): Promise<void> {
  const counted = await count(limiter, digest128(token))
  if (counted === 'unknown') log('warn', 'limiter_failed', { limiter: 'READING' })
  if (counted !== 'exceeded') return
  throw new Refusal(
    429,
    'too_many_requests',
    'This token has asked too often within a minute. Wait for a minute, and then ask more slowly; the setting READING raises the limit.',
    { headers: RETRY_AFTER },
  )
}

/** A limiter that is missing or fails refuses nobody. */
async function count(limiter: Limiter, key: string): Promise<'within' | 'exceeded' | 'unknown'> {
  if (!limiter) return 'within'
  try {
    const { success } = await withTimeLimit('the limiter', ANSWER_LIMIT_MS, limiter.limit({ key }))
    return success ? 'within' : 'exceeded'
  } catch {
    return 'unknown' // to its caller, who has the log say so
  }
}
