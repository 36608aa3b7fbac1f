/** Runs every flow under the limits of a plan and prints a table: see ../README.md */
import { parseArgs } from 'node:util'
import { PLANS, type Plan } from '../index.ts'
import { Flows } from './flows.ts'
import { FLOWS } from './list.ts'
import { summarize, toLine, HEAD } from './table.ts'

const { values } = parseArgs({
  options: {
    plan: { type: 'string', default: 'free,paid' },
    seed: { type: 'string', default: '1' },
    events: { type: 'string', default: '10000' },
    only: { type: 'string', default: '' },
    processes: { type: 'string', default: '3' },
  },
})

const flows = new Flows(Number(values.seed), Number(values.events))
try {
  const slownesses: number[] = []
  for (const plan of values.plan.split(',') as Plan[]) {
    console.log(`\n${plan}, seed ${values.seed}, ${values.events} events stored\n\n${HEAD}`)
    for (const flow of FLOWS) {
      if (!flow.name.includes(values.only)) continue
      const runs = Array.from({ length: Number(values.processes) }, () => flows.run(flow, plan, 20))
      slownesses.push(...runs.map(({ slowness }) => slowness))
      console.log(toLine(summarize(flow, runs), PLANS[plan]))
    }
  }
  const times = slownesses.map((each) => each.toFixed(2)).sort()
  console.log(`\nThis machine was ${times[0]} to ${times.at(-1)} times as slow as its reference.`)
} finally {
  flows.close()
}
