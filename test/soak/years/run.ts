import { spawn } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { buildWorker } from '../../bench/build.ts'
import { readConfig } from '../../read-config.ts'
import type { SimulationOptions } from './simulation.ts'
import type { YearsOutcome } from './report.ts'

const HEAP_MB = 8_000
/** A process keeps the code of every isolate that it ever had. */
const MAX_OF_PROCESS = 10

/** What a simulation needs apart from the bundle, which is the same for all. */
export type YearsOptions = Omit<SimulationOptions, 'bundle' | 'config'>

/** A day of a simulation is over. */
export type DayOver = { seed: number; day: number; stored: number }

export type RunOptions = {
  onDay?: (day: DayOver) => void
  /** A file that gets every decision of the scheduler. */
  trace?: string | undefined
  /** What is different in the receiver: a text that its bundle has once. */
  replace?: Replacement
}

type Replacement = { from: string; to: string }

/** A year of a small account, with a month of events in the database. */
export const YEARS = {
  start: Date.UTC(2026, 0, 5),
  eventsPerDay: 40,
  oddPerDay: 5,
  keepDays: 30,
} as const

/** Three days in which everything happens that else takes a year, with a day of events in the database. */
const SHORT = {
  start: Date.UTC(2026, 2, 28), // the clocks change on the second day
  days: 3,
  eventsPerDay: 170,
  oddPerDay: 100,
  keepDays: 1,
} as const

/** Short simulations of consecutive seeds, on either plan in turn. */
export function listShort(
  first: number,
  count: number,
  changes: Partial<YearsOptions> = {},
): YearsOptions[] {
  return Array.from({ length: count }, (_, index) => {
    const seed = first + index
    return { ...SHORT, seed, plan: seed % 2 === 0 ? 'free' : 'paid', ...changes }
  })
}

/** Runs simulations of the receiver, one after the other, in a process of their own. */
export async function runYears(
  list: readonly YearsOptions[],
  { onDay = () => {}, trace, replace }: RunOptions = {},
): Promise<YearsOutcome[]> {
  const folder = buildWorker()
  const bundle = join(folder, 'index.js')
  try {
    if (replace) replaceIn(bundle, replace)
    if (trace !== undefined) rmSync(trace, { force: true })
    const config = readConfig()
    const all = list.map((options) => ({ ...options, bundle, config }))
    const outcomes: YearsOutcome[] = []
    for (let first = 0; first < all.length; first += MAX_OF_PROCESS) {
      const some = JSON.stringify(all.slice(first, first + MAX_OF_PROCESS))
      outcomes.push(...(await follow([some, ...(trace === undefined ? [] : [trace])], onDay)))
    }
    return outcomes
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function replaceIn(file: string, { from, to }: Replacement): void {
  const text = readFileSync(file, 'utf8')
  const count = text.split(from).length - 1
  if (count !== 1) throw new Error(`the bundle has “${from}” ${count} times, not once`)
  writeFileSync(
    file,
    text.replace(from, () => to),
  )
}

function follow(values: readonly string[], onDay: (day: DayOver) => void): Promise<YearsOutcome[]> {
  // Most of what lives for long is in the books: new things need room of their own.
  const flags = ['--no-warnings', `--max-old-space-size=${HEAP_MB}`, '--max-semi-space-size=256']
  const child = spawn(
    process.execPath,
    [...flags, join(import.meta.dirname, 'child.ts'), ...values],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const outcomes: YearsOutcome[] = []
  let errors = ''
  child.stderr.on('data', (text) => (errors = `${errors}${String(text)}`.slice(-4_000)))
  createInterface(child.stdout).on('line', (line) => {
    const message = JSON.parse(line) as DayOver | YearsOutcome
    if ('day' in message) onDay(message)
    else outcomes.push(message)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(outcomes)
      else reject(new Error(`the simulation ended with ${code}: ${errors}`))
    })
  })
}
