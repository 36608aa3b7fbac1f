import type { Context, Handler } from 'hono'
import { routePath } from 'hono/route'
import { log } from './log.ts'
import { Refusal } from './refusal.ts'
import { classifyFault, isDailyLimit, isMissingTable, isNotMigrated } from './store/faults.ts'
import { delayUntilReset } from './store/retry-delay.ts'

/** Answers what was thrown: a refusal as it says, anything else as a fault of ours. */
export function answerError(error: Error, context: Context): Response {
  const refusal = toRefusal(error, context)
  return context.json(refusal, refusal.status, refusal.headers)
}

/** What was thrown as a refusal, and as a line of the log. */
export function toRefusal(error: Error, context: Context): Refusal {
  const refusal = error instanceof Refusal ? error : unexpected(error)
  const { status, code, details } = refusal
  if (refusal.log === 'nothing') return refusal
  log(status < 500 ? 'warn' : 'error', 'refused', {
    method: context.req.method,
    route: routePath(context),
    status,
    code,
    ...(details['setting'] !== undefined && { setting: details['setting'] }),
    ...refusal.log,
  })
  return refusal
}

export function answerNotFound(context: Context): Response {
  const refusal = new Refusal(404, 'not_found', 'Not found.')
  return context.json(refusal, refusal.status)
}

export function answerMethodNotAllowed(allow: string): Handler {
  return () => {
    throw new Refusal(405, 'method_not_allowed', `This address takes ${allow}.`, {
      headers: { Allow: allow },
      log: 'nothing', // anybody may ask for it, as often as they like
    })
  }
}

// Its message may hold anything, so only its kind and place are logged, and nothing is told.
function unexpected(error: Error): Refusal {
  if (isMissingTable(error)) return refuseFor(error, 'database_not_migrated', NOT_MIGRATED, 60)
  // A statement that asks for what is not there fails every time: for a consumer it is worth waiting, for a
  // reader it is not. The message has names of our own tables alone.
  if (isNotMigrated(error)) {
    return new Refusal(500, 'internal', INTERNAL, {
      log: { faults: [error.message.slice(0, 200)] },
    })
  }
  if (isDailyLimit(error)) {
    return refuseFor(error, 'daily_limit_reached', DAILY_LIMIT, delayUntilReset(Date.now()))
  }
  if (classifyFault(error) === 'transient') return refuseFor(error, 'unavailable', AWAY, 10)
  const place = /^ {4}at .*$/m.exec(error.stack ?? '')?.[0] ?? ''
  return new Refusal(500, 'internal', INTERNAL, {
    log: { kind: error.name, place: place.trim() },
  })
}

const INTERNAL = "Internal error; see the Worker's log."
const NOT_MIGRATED =
  'The database is not migrated: it lacks tables that this version needs. Run `npm run deploy`, or `npm start` for a local receiver.'
const DAILY_LIMIT =
  "The database's rows of the free plan are used up for today; it answers again after 00:00 UTC. A paid plan has no such limit."
const AWAY = 'The database does not answer right now. Try again.'

/** @param seconds after which asking again makes sense */
function refuseFor(error: Error, code: string, message: string, seconds: number): Refusal {
  return new Refusal(503, code, message, {
    headers: { 'Retry-After': String(seconds) },
    log: { faults: [error.message.slice(0, 200)] },
  })
}
