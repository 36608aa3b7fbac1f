import type { Context, Handler } from 'hono'
import { log } from './log.ts'
import { Refusal } from './refusal.ts'

/** Answers what was thrown: a refusal as it says, anything else as a fault of ours. */
export function answerError(error: Error, context: Context): Response {
  const refusal = error instanceof Refusal ? error : unexpected(error)
  const { method, routePath } = context.req
  const level = refusal.status < 500 ? 'warn' : 'error'
  log(level, 'refused', { method, route: routePath, status: refusal.status, code: refusal.code })
  return context.json(refusal, refusal.status, refusal.headers)
}

export function answerNotFound(context: Context): Response {
  const refusal = new Refusal(404, 'not_found', 'There is nothing at this address.')
  return context.json(refusal, refusal.status)
}

export function answerMethodNotAllowed(allow: string): Handler {
  return () => {
    throw new Refusal(405, 'method_not_allowed', `This address takes ${allow}.`, {
      headers: { Allow: allow },
    })
  }
}

// Its message may hold anything, so only its kind and place are logged, and nothing is told.
function unexpected(error: Error): Refusal {
  const [, place = ''] = (error.stack ?? '').split('\n')
  log('error', 'unexpected', { kind: error.name, place: place.trim() })
  return new Refusal(500, 'internal', 'The receiver failed on this request. Its log says more.')
}
