import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { periodBefore, toPeriod, type PeriodName } from '../../src/web/period.ts'

const ZONE = 'Europe/Kyiv'

// A Wednesday, 14:00 in Kyiv.
beforeEach(() => void vi.useFakeTimers({ now: Date.parse('2026-11-25T12:00Z'), toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

const write = ({ since, until }: { since: number; until: number }) =>
  [since, until].map((time) => new Date(time).toISOString().slice(0, 16)).join(' ')

it.each<[PeriodName, string]>([
  ['today', '2026-11-23T22:00 2026-11-24T12:00'],
  ['yesterday', '2026-11-22T22:00 2026-11-23T22:00'],
  ['7days', '2026-11-11T22:00 2026-11-18T12:00'],
  ['week', '2026-11-15T22:00 2026-11-18T12:00'],
  ['lastweek', '2026-11-08T22:00 2026-11-15T22:00'],
  ['month', '2026-09-30T21:00 2026-10-25T11:00'],
  ['lastmonth', '2026-08-31T21:00 2026-09-30T21:00'],
  ['quarter', '2026-06-30T21:00 2026-08-25T12:00'],
])('compares %s with as much of the one before', (period, expected) => {
  expect(write(periodBefore(toPeriod({ period }, '7days', ZONE), ZONE))).toBe(expected)
})

it('compares days with as many before, at the same hours of the clock', () => {
  // Clocks went back on 25 October.
  const days = toPeriod({ first: '2026-10-26', last: '2026-10-27' }, '7days', ZONE)
  expect(write(days)).toBe('2026-10-25T22:00 2026-10-27T22:00')
  expect(write(periodBefore(days, ZONE))).toBe('2026-10-23T21:00 2026-10-25T22:00')
})

it('compares moments with as long before', () => {
  const since = Date.parse('2026-11-20T10:00Z')
  const period = toPeriod({ since, until: since + 3_600_000 }, '7days', ZONE)
  expect(write(periodBefore(period, ZONE))).toBe('2026-11-20T09:00 2026-11-20T10:00')
})
