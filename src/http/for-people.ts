import type { Context, MiddlewareHandler } from 'hono'
import { accepts } from 'hono/accepts'

const SUPPORTED = ['application/json', 'text/html']

/** Whether a person asks: with a browser, which would rather have HTML, and without a token. */
export function isForPeople(context: Context): boolean {
  const options = { header: 'Accept', supports: SUPPORTED, default: 'application/json' } as const
  const hasToken = context.req.header('Authorization') !== undefined
  return !hasToken && accepts(context, options) === 'text/html'
}

/** Answers programs, and leaves people to the page of the same address. */
export function forPrograms<Bindings extends { Bindings: Env }>(
  answer: MiddlewareHandler<Bindings>,
): MiddlewareHandler<Bindings> {
  return (context, next) => (isForPeople(context) ? next() : answer(context, next))
}
