import { describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS } from '../../../src/event/clock.ts'
import {
  dueWeek,
  lastWeek,
  weekOf,
  weeksBefore,
  writeWeek,
} from '../../../src/monitoring/digest/week.ts'

const KYIV = 'Europe/Kyiv'

describe('a week', () => {
  it('is from Monday to Sunday by the clocks of the zone', () => {
    const week = {
      monday: '2026-11-16',
      since: Date.parse('2026-11-15T22:00Z'),
      until: Date.parse('2026-11-22T22:00Z'),
    }
    for (const day of ['2026-11-16', '2026-11-19', '2026-11-22']) {
      expect(weekOf(day, KYIV)).toEqual(week)
    }
    expect(weekOf('2026-11-23', KYIV).monday).toBe('2026-11-23')
    expect(weekOf('1969-12-31', 'UTC').monday).toBe('1969-12-29')
  })

  it('is an hour longer or shorter if the clocks change', () => {
    const length = ({ since, until }: { since: number; until: number }) => until - since
    expect(length(weekOf('2026-10-25', KYIV))).toBe(7 * DAY_MS + HOUR_MS)
    expect(length(weekOf('2026-03-29', KYIV))).toBe(7 * DAY_MS - HOUR_MS)
    expect(weeksBefore(4, weekOf('2026-11-18', KYIV), KYIV)).toEqual({
      monday: '2026-10-19',
      since: Date.parse('2026-10-18T21:00Z'),
      until: Date.parse('2026-10-25T22:00Z'),
    })
  })

  it('is the last one from Monday on, where the clocks say so', () => {
    const sundayInUtc = Date.parse('2026-11-22T22:30Z')
    expect(lastWeek(sundayInUtc, KYIV).monday).toBe('2026-11-16')
    expect(lastWeek(sundayInUtc, 'UTC').monday).toBe('2026-11-09')
    expect(lastWeek(sundayInUtc, 'America/New_York').monday).toBe('2026-11-09')
  })

  it('is due on Monday at nine', () => {
    expect(dueWeek(Date.parse('2026-11-23T06:59Z'), KYIV).monday).toBe('2026-11-09')
    expect(dueWeek(Date.parse('2026-11-23T07:00Z'), KYIV).monday).toBe('2026-11-16')
    expect(dueWeek(Date.parse('2026-11-29T21:59Z'), KYIV).monday).toBe('2026-11-16')
    expect(dueWeek(Date.parse('2026-10-26T06:59Z'), KYIV).monday).toBe('2026-10-12')
    expect(dueWeek(Date.parse('2026-10-26T07:00Z'), KYIV).monday).toBe('2026-10-19')
    expect(dueWeek(Date.parse('2026-03-30T06:00Z'), KYIV).monday).toBe('2026-03-23')
    expect(dueWeek(Date.parse('2026-11-23T03:30Z'), 'Asia/Kolkata').monday).toBe('2026-11-16')
  })

  it('has a name', () => {
    expect(writeWeek(weekOf('2026-11-18', KYIV), 'en')).toMatch(/^16\s?–\s?22 November 2026$/)
    expect(writeWeek(weekOf('2026-12-31', KYIV), 'en')).toMatch(
      /^28 December 2026\s–\s3 January 2027$/,
    )
    expect(writeWeek(weekOf('2026-11-18', KYIV), 'uk')).toMatch(/^16\s?–\s?22 листопада 2026 р\.$/)
  })
})
