import { digest128 } from '../event/identity.ts'
import { log, type LogFields } from '../platform/log.ts'
import { HttpError } from '../platform/http-error.ts'
import { withTimeout } from '../platform/timeout.ts'

const PERIOD_MS = 60_000 // of the limits in wrangler.toml
const RETRY_AFTER = { 'Retry-After': String(PERIOD_MS / 1_000) }
const RESPONSE_TIMEOUT_MS = 1_000 // it counts where the Worker runs, so it answers at once or not at all
const NO_ADDRESS = 'no address' // only Cloudflare says it: not on the local machine

/** What limits are counted by; undefined where wrangler.toml names none. */
type Limiter = RateLimit | undefined

/** Addresses that sent too much, until when (UTC milliseconds), as far as this isolate has seen it. */
const blocked = new WeakMap<RateLimit, Map<string, number>>()
const MAX_BLOCKED = 10_000

/** What this isolate refused for too many failures in a period, and how many of them the log was told of. */
const refusals = { begunAt: -Infinity, count: 0, told: 0 }

/**
 * Checks the webhook's credentials. Right ones are let in whatever came before: only what turned out to be
 * wrong is counted. If an address sent too much of that, the answer is 429.
 *
 * @param check throws HttpError 401 or 403 if the credentials are wrong
 * @throws HttpError that of the check, or 429 `too_many_failures`
 */
export async function checkThrottled(
  check: () => void,
  limiter: Limiter,
  headers: Headers,
): Promise<void> {
  tellRest()
  try {
    check()
  } catch (error) {
    const isFailure = error instanceof HttpError && [401, 403].includes(error.status)
    throw isFailure ? error.withLog(await countFailure(limiter, headers)) : error
  }
}

/**
 * Refuses whoever offers a token from an address that sent too many wrong credentials, for a minute: a right
 * token, too, as a guess must not be told apart from others. The webhook never asks this.
 *
 * @throws HttpError 429 `too_many_failures`
 */
export function rejectBlocked(limiter: Limiter, headers: Headers): void {
  tellRest()
  const until = limiter && blocked.get(limiter)?.get(addressOf(headers))
  if (until !== undefined && Date.now() < until) throw tooManyFailures()
}

/**
 * Counts that credentials were wrong, by the address that they came from.
 *
 * @returns what the line about it in the log is to say besides
 * @throws HttpError 429 `too_many_failures` if there were too many
 */
export async function countFailure(limiter: Limiter, headers: Headers): Promise<LogFields> {
  const address = addressOf(headers)
  const counted = await count(limiter, address)
  if (limiter && counted === 'exceeded') {
    block(limiter, address)
    throw tooManyFailures()
  }
  return counted === 'unknown' ? { limiter: 'failed' } : {}
}

function addressOf(headers: Headers): string {
  const address = headers.get('CF-Connecting-IP')
  return address === null ? NO_ADDRESS : networkOf(address)
}

function block(limiter: RateLimit, address: string): void {
  const addresses = blocked.get(limiter) ?? new Map<string, number>()
  if (addresses.size >= MAX_BLOCKED) addresses.clear()
  addresses.set(address, Date.now() + PERIOD_MS)
  blocked.set(limiter, addresses)
}

/** The first of a period has a line in the log, and the tenth, the hundredth and so on: whoever sends them cannot fill it. */
function tooManyFailures(): HttpError {
  tellRest()
  if (refusals.count === 0) refusals.begunAt = Date.now()
  refusals.count++
  if (/^10*$/.test(String(refusals.count))) notifyRejected()
  const message = 'Too many failed sign-ins from this address; try again in a minute.'
  return new HttpError(429, 'too_many_failures', message, { headers: RETRY_AFTER, log: 'nothing' })
}

/** What is left to tell of a period that is over: any request with credentials tells it, be they right or wrong. */
function tellRest(): void {
  if (refusals.count === 0 || Date.now() - refusals.begunAt < PERIOD_MS) return
  if (refusals.count > refusals.told) notifyRejected()
  refusals.count = refusals.told = 0
}

/** Each line says how many there were since the one before. */
function notifyRejected(): void {
  log('warn', 'too_many_failures', { refused: refusals.count - refusals.told })
  refusals.told = refusals.count
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
 * @throws HttpError 429 `too_many_requests` where there were too many
 */
export async function countReading(limiter: Limiter, token: string): Promise<void> {
  const counted = await count(limiter, digest128(token))
  if (counted === 'unknown') log('warn', 'limiter_failed', { limiter: 'READING' })
  if (counted !== 'exceeded') return
  throw new HttpError(
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
    const { success } = await withTimeout(
      'the limiter',
      RESPONSE_TIMEOUT_MS,
      limiter.limit({ key }),
    )
    return success ? 'within' : 'exceeded'
  } catch {
    return 'unknown' // to its caller, who has the log say so
  }
}
