/**
 * How many incidents are found within an hour, and how many false alarms a year has:
 * `node test/monitoring/anomalies/measure.ts FIRST_SEED YEARS`.
 */
import { tryYear, type Outcome } from './trial.ts'

const [first = 1, years = 20] = process.argv.slice(2).map(Number)
const seeds = Array.from({ length: years }, (_, index) => first + index)

const quiet = seeds.map((seed) => tryYear(seed, { hasIncidents: false }).falseAlarms.length)
const rough = seeds.map((seed) => tryYear(seed, { hasIncidents: true }))
const outcomes = rough.flatMap((trial) => trial.outcomes)
const noise = rough.map(({ falseAlarms }) => falseAlarms.length)

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0)
const describe = (some: readonly Outcome[]) => ({
  incidents: some.length,
  found: some.filter(({ isFound }) => isFound).length,
  alerts: sum(some.map(({ anomalies }) => anomalies.length)),
})
console.table({
  all: describe(outcomes),
  ...Object.fromEntries(
    [...Map.groupBy(outcomes, ({ incident }) => incident.kind)].map(([kind, some]) => [
      kind,
      describe(some),
    ]),
  ),
})
console.log(`false alarms a year: ${sum(quiet) / years} (${quiet.join(' ')})`)
console.log(`false alarms a year with incidents: ${sum(noise) / years} (${noise.join(' ')})`)
