/**
 * How many incidents are found within an hour, and how many false alarms a year has, in simulated counts and in the
 * events of simulated shops: `node test/monitoring/anomalies/measure.ts FIRST_SEED YEARS`.
 */
import type { Anomaly } from '../../../src/monitoring/anomalies/detect.ts'
import { tryEvents } from './event-trial.ts'
import { tryYear } from './trial.ts'

const EVENTS_A_YEAR = [50_000, 300_000, 1_000_000]

/** A year, and what became of its incidents. */
type Tried = {
  outcomes: readonly { kind: string; anomalies: readonly Anomaly[]; isFound: boolean }[]
  falseAlarms: readonly Anomaly[]
}
type Try = (seed: number, options: { hasIncidents: boolean }) => Tried

const [first = 1, years = 20] = process.argv.slice(2).map(Number)
const seeds = Array.from({ length: years }, (_, index) => first + index)

measure('counts', tryYear)
for (const events of EVENTS_A_YEAR) {
  measure(`${events} events a year`, (seed, { hasIncidents }) =>
    tryEvents(seed, { events, hasIncidents }),
  )
}

function measure(title: string, tryOne: Try): void {
  const quiet = seeds.map((seed) => tryOne(seed, { hasIncidents: false }).falseAlarms.length)
  const rough = seeds.map((seed) => tryOne(seed, { hasIncidents: true }))
  const outcomes = rough.flatMap((tried) => tried.outcomes)
  const byKind = Object.groupBy(outcomes, ({ kind }) => kind)
  console.log(`\n${title}`)
  console.table({
    all: describe(outcomes),
    ...Object.fromEntries(
      Object.entries(byKind).map(([kind, some = []]) => [kind, describe(some)]),
    ),
  })
  const noise = rough.map(({ falseAlarms }) => falseAlarms.length)
  console.log(`false alarms a year: ${sum(quiet) / years} (${quiet.join(' ')})`)
  console.log(`false alarms a year with incidents: ${sum(noise) / years} (${noise.join(' ')})`)
}

function describe(outcomes: Tried['outcomes']) {
  return {
    incidents: outcomes.length,
    found: outcomes.filter(({ isFound }) => isFound).length,
    alerts: sum(outcomes.map(({ anomalies }) => anomalies.length)),
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}
