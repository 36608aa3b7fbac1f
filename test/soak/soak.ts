import { styleText } from 'node:util'
import { parseCount, parseShare, readOptions } from '../../src/cli/options.ts'
import { explain } from '../../src/cli/yespo/target.ts'
import { printReport } from './report.ts'
import { soak } from './run.ts'

const USAGE = `Sends simulated traffic through the receiver while everything around it fails, then compares
sent and stored events.

  npm run soak -- [options]

  --events N       how many events (100000)
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
  const options = {
    events: parseCount('--events', values.events),
    seed: parseCount('--seed', values.seed),
    poison: parseShare('--poison', values.poison),
    faults,
    plan,
  } as const
  return printReport(await soak(options))
}

try {
  process.exitCode = (await main()) ? 0 : 1
} catch (error) {
  console.error(styleText('red', `✘ Soak failed: ${explain(error)}`))
  process.exitCode = 1
}
