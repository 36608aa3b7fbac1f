import { parseArgs, styleText } from 'node:util'
import { parseCount, parseShare } from '../yespo/numbers.ts'
import { explain } from '../yespo/target.ts'
import { printReport } from './report.ts'
import { soak } from './run.ts'

const USAGE = `Sends simulated traffic through the receiver while everything around it fails, and compares.

  npm run soak -- [options]

  --events N       how many events (100000)
  --seed S         the same seed sends the same and fails the same (1)
  --poison 0.5%    elements on top that can be no event
  --faults F       how often things fail: 0 never, 1 as usual, 3 three times as often (1)`

const OPTIONS = {
  events: { type: 'string', default: '100000' },
  seed: { type: 'string', default: '1' },
  poison: { type: 'string', default: '0.5%' },
  faults: { type: 'string', default: '1' },
  help: { type: 'boolean', short: 'h' },
} as const

async function main(): Promise<boolean> {
  const { values } = parseArgs({ options: OPTIONS })
  if (values.help) {
    console.log(USAGE)
    return true
  }
  const faults = Number(values.faults)
  if (!(faults >= 0 && faults <= 10))
    throw new Error(`${values.faults} is not a number from 0 to 10`)
  const options = {
    events: parseCount(values.events),
    seed: parseCount(values.seed),
    poison: parseShare(values.poison),
    faults,
  }
  return printReport(await soak(options))
}

try {
  process.exitCode = (await main()) ? 0 : 1
} catch (error) {
  console.error(styleText('red', `✘ the soak did not come to its end: ${explain(error)}`))
  process.exitCode = 1
}
