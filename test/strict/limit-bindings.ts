import type { Invocation } from './invocation.ts'
import { limitD1 } from './limit-d1.ts'
import { limitBucket, limitRateLimit, limitService } from './limit-others.ts'
import { limitQueue } from './limit-queue.ts'

/**
 * All bindings of an environment under the limits of an invocation; what is not a binding stays.
 *
 * @param of the one that calls them; the running one by default, so that all can share this environment
 */
export function limitBindings<Env extends object>(env: Env, of?: Invocation): Env {
  const entries = Object.entries(env).map(([name, binding]: [string, unknown]) => [
    name,
    limitBinding(binding, of),
  ])
  return Object.fromEntries(entries) as Env
}

/** By its methods, as a binding has no class that all runtimes share. */
function limitBinding(binding: unknown, of?: Invocation): unknown {
  const has = (...names: string[]) => names.every((name) => hasMethod(binding, name))
  if (has('prepare', 'batch')) return limitD1(binding as D1Database, of)
  if (has('send', 'sendBatch')) return limitQueue(binding as Queue, of)
  if (has('head', 'get', 'put', 'list')) return limitBucket(binding as R2Bucket, of)
  if (has('limit')) return limitRateLimit(binding as RateLimit, of)
  return has('fetch') ? limitService(binding as Fetcher, of) : binding
}

function hasMethod(binding: unknown, name: string): boolean {
  if (typeof binding !== 'object' || binding === null) return false
  return typeof (binding as Record<string, unknown>)[name] === 'function'
}
