import * as fc from 'fast-check'
import * as Instant from 'temporal-polyfill/fns/Instant'
import * as PlainDateTime from 'temporal-polyfill/fns/PlainDateTime'
import * as ZonedDateTime from 'temporal-polyfill/fns/ZonedDateTime'
import { expect, it } from 'vitest'
import { secondMeaning, toUtc } from '../../src/event/clock.ts'
import { listOffsetSpans } from '../../src/event/offset-spans.ts'
import { isTimeZone, offsetAt } from '../../src/event/time-zone.ts'

const ZONES = [...Intl.supportedValuesOf('timeZone'), 'UTC', 'EST', 'CET', 'Etc/GMT+5', '+05:30']

const zone = fc.constantFrom(...ZONES)
const times = (from: string, to: string) =>
  fc.integer({ min: Date.parse(from) / 1_000, max: Date.parse(to) / 1_000 }).map((s) => s * 1_000)
const ofAnyYear = times('0001-01-01', '9999-01-01')
const ofOurYears = times('1973-01-01', '2040-01-01') // with offsets of whole minutes, which Temporal's polyfill needs
const time = fc.oneof(ofAnyYear, ofOurYears)

const inTemporal = (moment: number, name: string) =>
  Instant.toZonedDateTimeISO(Instant.fromEpochMilliseconds(moment), name)

/** Moments close to the changes of a zone's clocks, which are the difficult ones. */
const nearChange = fc
  .tuple(zone, ofOurYears, fc.integer({ min: -8 * 3_600, max: 8 * 3_600 }))
  .map(([name, moment, seconds]) => {
    const change = ZonedDateTime.getTimeZoneTransition(inTemporal(moment, name), 'next')
    return [name, (change?.epochMilliseconds ?? moment) + seconds * 1_000] as const
  })

const zoneAndTime = fc.oneof(fc.tuple(zone, time), nearChange)

it('has the offsets of Temporal', () => {
  fc.assert(
    fc.property(zoneAndTime, ([name, moment]) => {
      const expected = ZonedDateTime.offsetNanoseconds(inTemporal(moment, name)) / 1e6
      expect(offsetAt(moment, name)).toBe(expected)
    }),
    { numRuns: 1_000 },
  )
})

it('reads local times as Temporal does', () => {
  fc.assert(
    fc.property(zoneAndTime, ([name, moment]) => {
      const text = new Date(moment).toISOString().slice(0, 19)
      const [year = 0, month = 0, day = 0, hour, minute, second] = text.split(/\D/).map(Number)
      const local = PlainDateTime.create(year, month, day, hour, minute, second)
      const read = (disambiguation: 'compatible' | 'later') =>
        PlainDateTime.toZonedDateTime(local, name, { disambiguation }).epochMilliseconds
      const [first, later] = [read('compatible'), read('later')]
      expect(toUtc(text, name)).toBe(first)
      expect(secondMeaning(text, name)).toBe(later === first ? undefined : later)
    }),
    { numRuns: 1_000 },
  )
})

it('finds the changes of clocks that Temporal finds', () => {
  const aWeekOfSummerTime = [Date.parse('2000-10-01'), Date.parse('2000-11-01')]
  const period = fc.tuple(ofOurYears, ofOurYears).map((ends) => ends.toSorted((a, b) => a - b))
  fc.assert(
    fc.property(zone, period, (name, [since = 0, until = 0]) => {
      const changes: number[] = []
      for (let time = since; time < until; time = changes.at(-1) ?? until) {
        const next = ZonedDateTime.getTimeZoneTransition(inTemporal(time, name), 'next')
        changes.push(Math.min(next?.epochMilliseconds ?? until, until))
      }
      const spans = listOffsetSpans(since, until, name)
      expect(spans.map((span) => span.until)).toEqual(changes)
      expect(spans.map((span) => span.since)).toEqual([since, ...changes].slice(0, changes.length))
    }),
    { examples: [['America/Recife', aWeekOfSummerTime]] },
  )
})

it.each([
  ['UTC', true],
  ['Europe/Kyiv', true],
  ['europe/kyiv', true],
  ['Mars/Olympus', false],
  ['PST', false], // Intl knows it, but no standard does
  ['', false],
])('isTimeZone(%j) is %s', (name, expected) => {
  expect(isTimeZone(name)).toBe(expected)
})
