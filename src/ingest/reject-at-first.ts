import { MINUTE_MS } from '../event/clock.ts'
import { errorText, log } from '../platform/log.ts'
import type { HttpError } from '../platform/http-error.ts'
import { countRepeat } from '../db/write/broken-bodies.ts'
import { withTimeout } from '../platform/timeout.ts'

const MIN_TIMES = 3
const MIN_AGE_MS = 2 * MINUTE_MS
const DATABASE_TIMEOUT_MS = 3_000

/**
 * Rejects an unreadable body at first, so that the person who presses "Send test" sees why. A person does not send the same
 * body for minutes, but Yespo does, forever, and holds back everything behind it: so it is accepted, to be
 * quarantined, when it comes for the third time, more than two minutes after the first.
 *
 * @param digest identifies the body
 * @throws HttpError the rejection, until then or if the database fails
 */
export async function rejectAtFirst(
  db: D1Database,
  digest: string,
  rejection: HttpError,
): Promise<void> {
  const now = Date.now()
  const counting = withTimeout('the database', DATABASE_TIMEOUT_MS, countRepeat(db, digest, now))
  const { times, firstAt } = await counting.catch((error: unknown) => {
    throw rejection.withLog({ errors: [errorText(error)] })
  })
  if (times < MIN_TIMES || now - firstAt <= MIN_AGE_MS) throw rejection
  log('error', 'gave_up_rejecting', { code: rejection.code, times })
}
