import type { MiddlewareHandler } from 'hono'
import { accepts } from 'hono/accepts'

const SUPPORTED = ['application/json', 'text/html']

/**
 * Answers programs, and leaves people to the page of the same address: a browser that would rather have
 * HTML, and brings no token.
 */
export function forPrograms<Bindings extends { Bindings: Env }>(
  answer: MiddlewareHandler<Bindings>,
): MiddlewareHandler<Bindings> {
  return (context, next) => {
    const { method } = context.req
    const isReading = method === 'GET' || method === 'HEAD'
    const hasToken = context.req.header('Authorization') !== undefined
    const options = { header: 'Accept', supports: SUPPORTED, default: 'application/json' } as const
    const isForPeople = isReading && !hasToken && accepts(context, options) === 'text/html'
    return isForPeople ? next() : answer(context, next)
  }
}
