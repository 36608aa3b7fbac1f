import type { Limits } from '../index.ts'
import type { Flow, Measured, Used } from './job.ts'

/** What a flow used, over all of its processes; times in milliseconds of the reference machine. */
export type Summary = {
  name: string
  /** Of the bundle's top level. */
  loadMs: number
  /** The first invocation of an isolate. */
  coldMs: number
  /** Those after it. */
  warmMs: number
  maxWarmMs: number
  /** The most of an invocation. */
  statements: number
  calls: number
  serviceCalls: number
  subrequests: number
  /** Of the queues, over all invocations of a flow that goes on, or of the first one. */
  queueOperations: number
  /** How many there were in a process. */
  invocations: number
  /** Other than 200. */
  statuses: number[]
}

export function summarize(flow: Flow, runs: readonly Measured[]): Summary {
  const ms = (us: number, { slowness }: Measured) => us / 1_000 / slowness
  const warm = runs.flatMap((run) => settled(run.warm).map((used) => ms(used.processorUs, run)))
  const all = runs.flatMap((run) => [run.cold, ...run.warm])
  const most = (kind: keyof Omit<Used, 'kind'>) => Math.max(...all.map((used) => used[kind]))
  const others = all.map(({ status }) => status).filter((status) => status !== 200)
  return {
    name: flow.name,
    loadMs: median(runs.map((run) => ms(run.loadUs, run))),
    coldMs: median(runs.map((run) => ms(run.cold.processorUs, run))),
    warmMs: median(warm),
    maxWarmMs: Math.max(0, ...warm),
    statements: most('statements'),
    calls: most('calls'),
    serviceCalls: most('serviceCalls'),
    subrequests: most('subrequests'),
    queueOperations: countOperations(flow, runs[0]),
    invocations: 1 + (runs[0]?.warm.length ?? 0),
    statuses: [...new Set(others)],
  }
}

function countOperations(flow: Flow, run: Measured | undefined): number {
  if (!run || flow.goesOn === undefined) return run?.cold.queueOperations ?? 0
  return [run.cold, ...run.warm].reduce((sum, { queueOperations }) => sum + queueOperations, 0)
}

/** Without those in which the code was still being compiled. */
function settled(warm: readonly Used[]): readonly Used[] {
  return warm.slice(warm.length >> 1)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}

/** The limits that a flow breaks; the database's in the readings that break it. */
export function listBroken(summary: Summary, limits: Limits): string[] {
  const { coldMs, warmMs, statements, calls, statuses } = summary
  const broken: string[] = []
  if (coldMs > limits.processorMs) broken.push('time, cold')
  if (warmMs > limits.processorMs) broken.push('time, warm')
  if (calls > limits.d1.statements) broken.push('statements')
  else if (statements > limits.d1.statements) broken.push('statements, if each of a batch counts')
  if (summary.serviceCalls > limits.serviceCalls) broken.push('calls of services')
  if (summary.subrequests > limits.subrequests) broken.push('subrequests')
  if (statuses.length > 0) broken.push(`status ${statuses.join(', ')}`)
  return broken
}

export const HEAD = `| flow | cold, ms | warm, ms | at most | statements | calls of D1 | invocations | queue operations | breaks |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |`

export function toLine(summary: Summary, limits: Limits): string {
  const { name, statements, calls, invocations, queueOperations } = summary
  const times = [summary.coldMs, summary.warmMs, summary.maxWarmMs].map((ms) => ms.toFixed(1))
  const counts = [statements, calls, invocations, queueOperations]
  return `| ${[name, ...times, ...counts, listBroken(summary, limits).join('; ')].join(' | ')} |`
}
