import { createMiddleware } from 'hono/factory'
import { meterDatabase } from '../db/monitor/meter-database.ts'
import { meter } from '../db/monitor/usage.ts'

const known = new WeakMap<Env, Env>()

/** The same environment, whose database counts what it is billed for towards the usage of the day. */
export function metered(env: Env): Env {
  const made = known.get(env) ?? withDatabase(env)
  known.set(env, made)
  return made
}

function withDatabase(env: Env): Env {
  const value = meterDatabase(env.DB, (meta) => meter.countStatement(meta))
  const others = Object.getOwnPropertyDescriptors(env)
  // One reasoned cast: it has all that the other one has.
  return Object.defineProperties({}, { ...others, DB: { value, enumerable: true } }) as Env
}

/** Counts what requests use; nobody waits for it to be written down. */
export const meterRequest = createMiddleware<{ Bindings: Env }>(async (context, next) => {
  const { DB } = context.env
  context.env = metered(context.env)
  await next()
  const flushing = meter.flush(DB, Date.now())
  if (!flushing) return
  // Loaded here, as what runs the edge outside Workers has no such module.
  const { waitUntil } = await import('cloudflare:workers')
  waitUntil(flushing)
})
