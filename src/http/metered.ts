import type { MiddlewareHandler } from 'hono'
import { meterDatabase } from '../db/monitor/meter-database.ts'
import { meter } from '../db/monitor/usage.ts'

const meteredEnvs = new WeakMap<Env, Env>()

/** An environment whose database counts the rows it is billed for. */
export function metered(env: Env): Env {
  const meteredEnv = meteredEnvs.get(env) ?? withMeter(env)
  meteredEnvs.set(env, meteredEnv)
  return meteredEnv
}

function withMeter(env: Env): Env {
  const value = meterDatabase(env.DB, (meta) => meter.countStatement(meta))
  const others = Object.getOwnPropertyDescriptors(env)
  // One reasoned cast: it has all properties of the original.
  return Object.defineProperties({}, { ...others, DB: { value, enumerable: true } }) as Env
}

/** Counts what requests use; saves that in the background. */
export const meterRequest: MiddlewareHandler<{ Bindings: Env }> = async (context, next) => {
  const { DB } = context.env
  context.env = metered(context.env)
  await next()
  const flushing = meter.flush(DB, Date.now())
  if (!flushing) return
  // Imported here, because outside Workers this module does not exist.
  const { waitUntil } = await import('cloudflare:workers')
  waitUntil(flushing)
}
