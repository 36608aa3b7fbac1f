import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PLANS } from '../index.ts'
import { Flows } from './flows.ts'
import { ENDPOINTS, FLOWS } from './list.ts'
import { listBroken, summarize } from './table.ts'

let flows: Flows

beforeAll(() => {
  flows = new Flows(1, 1_000)
})
afterAll(() => flows.close())

it('asks something of every endpoint', () => {
  expect(Object.keys(ENDPOINTS).toSorted()).toEqual(flows.listOperations().toSorted())
})

describe.each(['free', 'paid'] as const)('on the %s plan', (plan) => {
  it.each(FLOWS)('$name keeps all limits but that of time', (flow) => {
    const summary = summarize(flow, [flows.run(flow, plan, 1)])
    const broken = listBroken(summary, PLANS[plan]).filter((limit) => !limit.startsWith('time'))
    expect(broken, JSON.stringify(summary)).toEqual([])
  })
})
