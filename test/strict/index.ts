export { Account, type DayUse } from './account.ts'
export { calibrate } from './calibrate.ts'
export { systemClock, VirtualClock, type Clock } from './clock.ts'
export { limitGlobals } from './globals.ts'
export {
  currentInvocation,
  Invocation,
  runInvocation,
  type Call,
  type Counts,
  type Ended,
  type InvocationOptions,
  type Kill,
  type Killer,
  type Meter,
  type Surround,
} from './invocation.ts'
export { killAtCall, killAtRandom, seededRandom } from './killers.ts'
export { limitBindings } from './limit-bindings.ts'
export { limitD1 } from './limit-d1.ts'
export { limitBucket, limitFetch, limitRateLimit, limitService } from './limit-others.ts'
export { limitQueue } from './limit-queue.ts'
export { PLANS, STRICTEST, type Limits, type Plan, type Readings } from './limits.ts'
export { Broker, type ConsumerSettings, type Waiting } from './memory/queue.ts'
export { memoryR2 } from './memory/r2.ts'
export { memoryRateLimit } from './memory/rate-limit.ts'
export { ProcessorLimit, type ProcessorLimitOptions } from './processor-limit.ts'
export { Runtime, type RuntimeOptions } from './runtime.ts'
