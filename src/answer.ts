import type { Context, Handler } from 'hono'
import { routePath } from 'hono/route'
import { log } from './log.ts'
import { Refusal } from './refusal.ts'
import { classifyFault, isNotMigrated } from './store/faults.ts'

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
  const refusal = new Refusal(404, 'not_found', 'There is nothing at this address.')
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
  // A statement that asks for what is not there fails every time: for a consumer it is worth waiting, for a
  // reader it is not. The message has names of our own tables alone.
  if (isNotMigrated(error)) {
    return new Refusal(500, 'internal', "Internal error; see the Worker's log.", {
      log: { faults: [error.message.slice(0, 200)] },
    })
  }
  if (classifyFault(error) === 'transient') {
    return new Refusal(503, 'unavailable', 'The database does not answer right now. Try again.', {
      headers: { 'Retry-After': '10' },
      log: { faults: [error.message.slice(0, 200)] },
    })
  }
  const place = /^ {4}at .*$/m.exec(error.stack ?? '')?.[0] ?? ''
  return new Refusal(500, 'internal', "Internal error; see the Worker's log.", {
    log: { kind: error.name, place: place.trim() },
  })
}
