import { styleText } from 'node:util'
import { parseCount, parseShare, readOptions } from '../../src/cli/options.ts'
import { explain } from '../../src/cli/yespo/target.ts'
import { printReport } from './report.ts'
import { soak } from './run.ts'
import type { Plan } from '../strict/index.ts'
import { showCount } from '../../src/cli/progress.ts'
import { printYears } from './years/report.ts'
import { listShort, runYears, YEARS, type DayOver } from './years/run.ts'

const USAGE = `Sends simulated traffic through the receiver while everything around it fails, then compares
sent and stored events.

  npm run soak -- [options]                    events on the local runtime of Workers
  npm run soak -- --years N [options]          years of a small account in virtual time
  npm run soak -- --seeds N [options]          three days of everything at once, with many seeds

  --events N       how many events (100000)
  --years N        how many years; part of one, such as 0.1, is possible
  --seeds N        how many seeds, from the given one on
  --trace FILE     with --years or --seeds: writes every decision of the scheduler to a file
  --seed S         the same seed sends the same events and fails in the same way (1)
  --poison 0.5%    extra invalid items
  --plan paid      the plan whose limits are enforced: free or paid
  --faults F       how often things fail: 0 never, 1 normally, 3 three times as often (1)`

const OPTIONS = {
  events: { type: 'string', default: '100000' },
  seed: { type: 'string', default: '1' },
  poison: { type: 'string', default: '0.5%' },
  plan: { type: 'string', default: 'paid' },
  faults: { type: 'string', default: '1' },
  years: { type: 'string' },
  seeds: { type: 'string' },
  trace: { type: 'string' },
} as const

async function main(): Promise<boolean> {
  const values = readOptions(OPTIONS, USAGE)
  const faults = Number(values.faults)
  if (!(faults >= 0 && faults <= 10)) {
    throw new Error(`--faults must be a number from 0 to 10, not “${values.faults}”`)
  }
  const { plan } = values
  if (plan !== 'free' && plan !== 'paid') {
    throw new Error(`--plan must be free or paid, not “${plan}”`)
  }
  const seed = parseCount('--seed', values.seed)
  if (values.years !== undefined) return live(Number(values.years), seed, plan, values.trace)
  if (values.seeds !== undefined)
    return tryMany(parseCount('--seeds', values.seeds), seed, values.trace)
  const options = {
    events: parseCount('--events', values.events),
    seed,
    poison: parseShare('--poison', values.poison),
    faults,
    plan,
  } as const
  return printReport(await soak(options))
}

/** Lives through years of a small account. */
async function live(years: number, seed: number, plan: Plan, trace?: string): Promise<boolean> {
  if (!(years > 0 && years <= 100)) {
    throw new Error(`--years must be a number above 0, up to 100, not “${years}”`)
  }
  const days = Math.ceil(years * 365)
  const onDay = ({ day, stored }: DayOver) =>
    showCount(`${stored.toLocaleString('en')} events, days`, day, days)
  const [outcome] = await runYears([{ ...YEARS, days, seed, plan }], { onDay, trace })
  if (!outcome) throw new Error('the simulation said nothing')
  return printYears(outcome)
}

/** Tries many interleavings. Of those in which something is wrong, prints everything. */
async function tryMany(count: number, first: number, trace?: string): Promise<boolean> {
  const outcomes = await runYears(listShort(first, count), { trace })
  for (const outcome of outcomes) {
    const { seed, plan, digest, steps, violation } = outcome
    if (violation !== undefined) printYears(outcome)
    else console.log(`✔ seed ${seed}, ${plan}: ${steps} decisions, ${digest.trace} ${digest.state}`)
  }
  return outcomes.length === count && outcomes.every(({ violation }) => violation === undefined)
}

try {
  process.exitCode = (await main()) ? 0 : 1
} catch (error) {
  console.error(styleText('red', `✘ Soak failed: ${explain(error)}`))
  process.exitCode = 1
}
