import type { Invocation } from './invocation.ts'
import { limitD1 } from './limit-d1.ts'
import { limitBucket, limitRateLimit, limitService } from './limit-others.ts'
import { limitQueue } from './limit-queue.ts'

/** All bindings of an environment under the limits of an invocation; what is not a binding stays. */
export function limitBindings<Env extends object>(env: Env, invocation: Invocation): Env {
  const entries = Object.entries(env).map(([name, binding]: [string, unknown]) => [
    name,
    limitBinding(binding, invocation),
  ])
  return Object.fromEntries(entries) as Env
}

/** By its methods, as a binding has no class that all runtimes share. */
function limitBinding(binding: unknown, invocation: Invocation): unknown {
  const has = (...names: string[]) => names.every((name) => hasMethod(binding, name))
  if (has('prepare', 'batch')) return limitD1(binding as D1Database, invocation)
  if (has('send', 'sendBatch')) return limitQueue(binding as Queue, invocation)
  if (has('head', 'get', 'put', 'list')) return limitBucket(binding as R2Bucket, invocation)
  if (has('limit')) return limitRateLimit(binding as RateLimit, invocation)
  return has('fetch') ? limitService(binding as Fetcher, invocation) : binding
}

function hasMethod(binding: unknown, name: string): boolean {
  if (typeof binding !== 'object' || binding === null) return false
  return typeof (binding as Record<string, unknown>)[name] === 'function'
}
