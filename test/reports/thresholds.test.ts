import { beforeEach, expect, it } from 'vitest'
import { buildEvent } from '../event.ts'
import { compare, thresholdsOf } from '../../src/reports/rates.ts'
import { clearTables, read } from '../receiver.ts'
import { store } from '../store-events.ts'

beforeEach(clearTables)

/** So many of a hundred deliveries complain, and so many more contacts bounce. */
async function fill(complaints: number, bounces: number): Promise<void> {
  const of = (contactId: number, activityStatus: string, changes: object = {}) =>
    buildEvent({ contactId, iid: `${contactId}`, activityStatus, ...changes })
  const numbers = (count: number, first = 1) => Array.from({ length: count }, (_, i) => first + i)
  await store(
    ...numbers(100).map((each) => of(each, 'DELIVERED')),
    ...numbers(complaints).map((each) => of(each, 'SPAM')),
    ...numbers(bounces, 1_000).map((each) => of(each, 'UNDELIVERED', { hardBounce: true })),
  )
}

type Rates = Record<string, { threshold?: { level: string | null } }>

async function readRates(name: string): Promise<Rates> {
  const response = await read(`/reports/${name}`)
  const { all, report } = await response.json<{
    all?: { rates: Rates }
    report?: { rates: Rates }[]
  }>()
  return (all ?? report?.[0])?.rates ?? {}
}

it.each([
  [0, 1, 'ok', 'ok'],
  [1, 3, 'exceeded', 'warning'],
  [0, 6, 'ok', 'exceeded'],
])('of %i complaints and %i hard bounces: %s and %s', async (complaints, bounces, spam, hard) => {
  await fill(complaints, bounces)
  for (const name of ['messages', 'all']) {
    const rates = await readRates(name)
    expect(rates['spam']?.threshold).toEqual({ warning: 0.001, limit: 0.003, level: spam })
    expect(rates['hardBounced']?.threshold).toEqual({ warning: 0.02, limit: 0.05, level: hard })
    expect(rates['read']).not.toHaveProperty('threshold')
  }
})

it('begin exactly at their percentage', () => {
  const levels = [9, 10, 29, 30, 31].map((numerator) => {
    const rate = { numerator, denominator: 10_000, rate: 0.001, incomplete: false }
    return compare(rate, thresholdsOf({}).spam).level
  })
  expect(levels).toEqual(['ok', 'warning', 'warning', 'exceeded', 'exceeded'])
})

it('have no level without a rate', () => {
  const rate = { numerator: 3, denominator: 0, rate: null, incomplete: true }
  expect(compare(rate, thresholdsOf({}).spam)).toMatchObject({ level: null })
})

it('are settings; the default stands for an invalid one', () => {
  const set = { SPAM_RATE_WARNING: '0.05', HARD_BOUNCE_RATE_LIMIT: 'many' }
  expect(thresholdsOf(set)).toMatchObject({
    spam: { warning: 0.0005, limit: 0.003 },
    hardBounced: { warning: 0.02, limit: 0.05 },
  })
})
