import { digest128 } from '../event/identity.ts'
import { log, type LogFields } from '../platform/log.ts'
import { HttpError } from '../platform/http-error.ts'
import { withTimeout } from '../platform/timeout.ts'

const PERIOD_MS = 60_000 // of the limits in wrangler.toml
const RETRY_AFTER = { 'Retry-After': String(PERIOD_MS / 1_000) }
const RESPONSE_TIMEOUT_MS = 1_000 // the limiter is local to the Worker, so it responds quickly or not at all
const NO_ADDRESS = 'no address' // only Cloudflare sends it, not a local receiver

/** A rate limit binding; undefined if wrangler.toml has none. */
type Limiter = RateLimit | undefined

/** The addresses that this isolate blocks, until when: UTC milliseconds. */
const blocked = new WeakMap<RateLimit, Map<string, number>>()
const MAX_BLOCKED = 10_000

/** The number of requests that this isolate blocked in a period, and how many of those were logged. */
const rejections = { beganAt: -Infinity, count: 0, logged: 0 }

/**
 * Checks credentials. Only wrong ones are counted, so correct ones always pass.
 *
 * @param check throws HttpError 401 or 403 if the credentials are wrong
 * @throws HttpError of the check, or 429 `too_many_failures` if the address sent too many wrong ones
 */
export async function checkThrottled<Result>(
  check: () => Result | Promise<Result>,
  limiter: Limiter,
  headers: Headers,
): Promise<Result> {
  logRest()
  try {
    return await check()
  } catch (error) {
    const isFailure = error instanceof HttpError && [401, 403].includes(error.status)
    throw isFailure ? error.withLog(await countFailure(limiter, headers)) : error
  }
}

/**
 * Rejects any token, for a minute, from an address that sent too many wrong credentials: even a correct one, as the
 * difference would reveal a successful guess. The webhook does not use this.
 *
 * @throws HttpError 429 `too_many_failures`
 */
export function rejectBlocked(limiter: Limiter, headers: Headers): void {
  logRest()
  const until = limiter && blocked.get(limiter)?.get(addressOf(headers))
  if (until !== undefined && Date.now() < until) throw tooManyFailures()
}

/**
 * Counts wrong credentials by the address that they came from.
 *
 * @returns further fields for the log
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

/** Logs the first rejection of a period, the tenth, the hundredth and so on, so that no one can flood the log. */
function tooManyFailures(): HttpError {
  logRest()
  if (rejections.count === 0) rejections.beganAt = Date.now()
  rejections.count++
  if (/^10*$/.test(String(rejections.count))) logRejected()
  const message = 'Too many failed sign-ins from this address; try again in a minute.'
  return new HttpError(429, 'too_many_failures', message, { headers: RETRY_AFTER, log: 'nothing' })
}

/** Logs the remaining rejections of a period that is over. Any request with credentials triggers this. */
function logRest(): void {
  if (rejections.count === 0 || Date.now() - rejections.beganAt < PERIOD_MS) return
  if (rejections.count > rejections.logged) logRejected()
  rejections.count = rejections.logged = 0
}

/** Logs the number of rejections since the previous line. */
function logRejected(): void {
  log('warn', 'too_many_failures', { rejected: rejections.count - rejections.logged })
  rejections.logged = rejections.count
}

/** The part of an address that is counted: for IPv6 the first 64 bits, as a subscriber has all addresses with these. */
function networkOf(address: string): string {
  // An IPv4 address written as IPv6 is counted whole.
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
 * Counts a request of a program by its token, or the name of its account.
 * @throws HttpError 429 `too_many_requests` if there were too many
 */
export async function countReading(limiter: Limiter, token: string): Promise<void> {
  const counted = await count(limiter, digest128(token))
  if (counted === 'unknown') log('warn', 'limiter_failed', { limiter: 'READING' })
  if (counted !== 'exceeded') return
  throw new HttpError(
    429,
    'too_many_requests',
    'Too many requests with this token; try again in a minute. The setting READING raises the limit.',
    { headers: RETRY_AFTER },
  )
}

/** Counts a request. A limiter that is missing or fails rejects no one. */
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
    return 'unknown' // the caller logs it
  }
}
