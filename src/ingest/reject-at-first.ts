import { MINUTE_MS } from '../event/clock.ts'
import { log } from '../platform/log.ts'
import type { HttpError } from '../platform/http-error.ts'
import { countRepeat } from '../db/write/broken-bodies.ts'
import { withTimeout } from '../platform/timeout.ts'

const MIN_TIMES = 3
const MIN_AGE_MS = 2 * MINUTE_MS
const DATABASE_TIMEOUT_MS = 3_000

/**
 * Refuses a body that cannot be read, the first times: whoever presses "Send test" is to see why. No person
 * sends the same for minutes, but Yespo does, for ever, and holds back all that comes after: so when it comes
 * the third time, and first came more than two minutes ago, it is to be set aside.
 *
 * @param digest by what the body is known again
 * @throws the refusal, unless it is time; also where the database does not tell
 */
export async function rejectAtFirst(
  db: D1Database,
  digest: string,
  refusal: HttpError,
): Promise<void> {
  const now = Date.now()
  const counting = withTimeout('the database', DATABASE_TIMEOUT_MS, countRepeat(db, digest, now))
  const { times, firstAt } = await counting.catch((error: unknown) => {
    throw refusal.withLog({ faults: [String(error).slice(0, 200)] })
  })
  if (times < MIN_TIMES || now - firstAt <= MIN_AGE_MS) throw refusal
  log('error', 'gave_up_refusing', { code: refusal.code, times })
}
