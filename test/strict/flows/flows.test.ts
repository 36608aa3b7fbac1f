import { afterAll, beforeAll, expect, it } from 'vitest'
import { PLANS } from '../index.ts'
import { Flows } from './flows.ts'
import type { Measured } from './job.ts'
import { ENDPOINTS, FLOWS } from './list.ts'
import { listBroken, summarize } from './table.ts'

const CASES = [
  ...FLOWS.map((flow) => ({ plan: 'free' as const, flow })),
  // Of the others, the plan changes nothing.
  ...FLOWS.filter(({ goesOn }) => goesOn).map((flow) => ({ plan: 'paid' as const, flow })),
]

let flows: Flows
let measured: Measured[]

beforeAll(() => {
  flows = new Flows(1, 1_000)
  measured = flows.runAll(CASES.map((each) => ({ ...each, repeats: 1 })))
})
afterAll(() => flows.close())

it('asks something of every endpoint', () => {
  expect(Object.keys(ENDPOINTS).toSorted()).toEqual(flows.listOperations().toSorted())
})

it.each(CASES.map((each, index) => ({ ...each, index })))(
  '$flow.name keeps all limits of the $plan plan but that of time',
  ({ plan, flow, index }) => {
    const summary = summarize(flow, measured.slice(index, index + 1))
    const broken = listBroken(summary, PLANS[plan]).filter(
      (limit) => !/^time|^status 404$/.test(limit),
    )
    expect(broken, JSON.stringify(summary)).toEqual([])
  },
)
