import { parseCount, readOptions } from '../../../src/cli/options.ts'
import { fail } from '../../../src/cli/wrangler.ts'
import { PLANS, type Plan } from '../index.ts'
import { Flows } from './flows.ts'
import { FLOWS } from './list.ts'
import { summarize, toLine, HEAD } from './table.ts'

const USAGE = `Runs every flow of the receiver under the limits of a plan, and prints a table: test/strict/README.md
explains it.

  npm run strict -- [options]

  --plan free,paid   the plans
  --seed S           the same seed makes the same flows (1)
  --events N         how many events are stored before (10000)
  --only TEXT        only flows whose name contains this
  --processes N      how often each flow runs in a process of its own (3)`

const OPTIONS = {
  plan: { type: 'string', default: 'free,paid' },
  seed: { type: 'string', default: '1' },
  events: { type: 'string', default: '10000' },
  only: { type: 'string', default: '' },
  processes: { type: 'string', default: '3' },
} as const

const values = readOptions(OPTIONS, USAGE)
const plans = values.plan.split(',').map(readPlan)
const seed = parseCount('--seed', values.seed)
const events = parseCount('--events', values.events)
const processes = parseCount('--processes', values.processes)

const flows = new Flows(seed, events)
try {
  const slownesses: number[] = []
  for (const plan of plans) {
    console.log(`\n${plan}, seed ${seed}, ${events} events stored\n\n${HEAD}`)
    for (const flow of FLOWS) {
      if (!flow.name.includes(values.only)) continue
      const runs = Array.from({ length: processes }, () =>
        flows.runAlone({ flow, plan, repeats: 20 }),
      )
      slownesses.push(...runs.map(({ slowness }) => slowness))
      console.log(toLine(summarize(flow, runs), PLANS[plan]))
    }
  }
  const times = slownesses.map((each) => each.toFixed(2)).sort()
  console.log(`\nThis machine was ${times[0]} to ${times.at(-1)} times as slow as its reference.`)
} finally {
  flows.close()
}

function readPlan(text: string): Plan {
  return text === 'free' || text === 'paid'
    ? text
    : fail(`--plan must be free or paid, not “${text}”`)
}
