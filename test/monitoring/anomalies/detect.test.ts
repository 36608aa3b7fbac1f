import { describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, QUARTER_MS } from '../../../src/event/clock.ts'
import { describeAnomaly } from '../../../src/monitoring/anomalies/describe.ts'
import { findAnomalies, type Anomaly } from '../../../src/monitoring/anomalies/detect.ts'
import { writePhrase } from '../../../src/language/messages.ts'
import { toTimeline } from '../../../src/monitoring/anomalies/series.ts'
import { writeTime } from '../../../src/monitoring/alerts/words.ts'
import { makePulses, type Change } from './pulses.ts'
import { tryEvents } from './event-trial.ts'
import { tryYear } from './trial.ts'

const START = Date.parse('2026-03-02T00:00Z')
const DAYS = 32
const FIRST = START / HOUR_MS

/** Judges the last days of a shop. */
function judge(change: Change, options: { quarter?: number; cause?: string } = {}): Anomaly[] {
  const timeline = toTimeline(makePulses(START, DAYS * 24, change, options), PERIOD)
  return findAnomalies(timeline, { first: FIRST + 28 * 24 + 1, end: timeline.end })
}

const PERIOD = { start: START, end: START + DAYS * DAY_MS, zone: 'UTC' }

const BEGIN = 30 * 24 + 14
const END = BEGIN + 6
const isDuring = (hour: number) => hour >= BEGIN && hour < END

describe('an anomaly', () => {
  it('is not found if nothing changes', () => {
    expect(judge(() => undefined)).toEqual([])
  })

  it('is a provider that rejects, from a quarter of an hour on until it ends, with the cause', () => {
    const [anomaly, ...others] = judge(
      (hour, provider) =>
        isDuring(hour) && provider === 'outlook' ? { delivered: 62, bounced: 38 } : undefined,
      { quarter: 2 },
    )
    expect(others).toEqual([])
    expect(anomaly).toMatchObject({
      kind: 'bounces',
      channel: 'email',
      provider: 'outlook',
      foundAt: FIRST + BEGIN,
      lastHour: FIRST + END - 1,
      isOver: true,
      count: 6 * 38,
      of: 600,
      cause: 'reputation',
    })
    expect((anomaly?.sinceQuarter ?? 0) * QUARTER_MS).toBe(START + BEGIN * HOUR_MS + 2 * QUARTER_MS)
  })

  it('goes on while it is not known to be over', () => {
    const [anomaly] = judge((hour, provider) =>
      hour >= 31 * 24 + 20 && provider === 'outlook' ? { delivered: 20, bounced: 80 } : undefined,
    )
    expect(anomaly).toMatchObject({ isOver: false, lastHour: FIRST + DAYS * 24 - 1 })
  })

  it('is the channel if all providers reject', () => {
    const found = judge((hour) => (isDuring(hour) ? { delivered: 50, bounced: 50 } : undefined), {
      cause: 'authentication',
    })
    expect(found.map(({ provider, cause }) => [provider, cause])).toEqual([
      [null, 'authentication'],
    ])
  })

  it('is not a list of which more bounces everywhere', () => {
    const found = judge((hour) => (isDuring(hour) ? { delivered: 94, bounced: 6 } : undefined))
    expect(found).toEqual([])
  })

  it('is a provider whose mailboxes read much less than others', () => {
    const found = judge((hour, provider) =>
      isDuring(hour) && provider === 'gmail' ? { read: 5, clicked: 1 } : undefined,
    )
    expect(found.map(({ kind, provider }) => [kind, provider])).toEqual([['reads', 'gmail']])
  })

  it('is a status that no longer comes', () => {
    const found = judge((hour) => (isDuring(hour) ? { read: 0, clicked: 0 } : undefined))
    expect(found.map(({ kind, provider, foundAt }) => [kind, provider, foundAt])).toEqual([
      ['reads', null, FIRST + BEGIN],
    ])
    const delivered = judge((hour) => (isDuring(hour) ? { delivered: 0, bounced: 0 } : undefined))
    expect(delivered.map(({ kind, foundAt }) => [kind, foundAt])).toEqual([
      ['deliveries', FIRST + BEGIN],
    ])
    const clicks = judge((hour) => (isDuring(hour) ? { clicked: 0 } : undefined))
    expect(clicks.map(({ kind }) => kind)).toEqual(['clicks'])
  })

  it('is not found while nothing comes in at all', () => {
    const nothing = { delivered: 0, bounced: 0, read: 0, clicked: 0, spam: 0 }
    expect(judge((hour) => (isDuring(hour) ? nothing : undefined))).toEqual([])
  })

  it('is many complaints', () => {
    const found = judge((hour) => (isDuring(hour) ? { spam: 5 } : undefined))
    expect(found).toMatchObject([{ kind: 'complaints', provider: null, foundAt: FIRST + BEGIN }])
  })

  it('goes on from the state that was kept, hour by hour', () => {
    const change = (hour: number, provider: string) =>
      isDuring(hour) && provider === 'outlook' ? { delivered: 62, bounced: 38 } : undefined
    const pulses = makePulses(START, DAYS * 24, change)
    const last = FIRST + END + 3
    let kept: Anomaly[] = []
    for (let end = FIRST + BEGIN - 1; end <= last; end++) {
      const known = pulses.filter(({ hour }) => hour < end * HOUR_MS)
      const timeline = toTimeline(known, { ...PERIOD, end: end * HOUR_MS })
      kept = findAnomalies(timeline, { first: end - 1, end }, kept)
      kept = JSON.parse(JSON.stringify(kept)) as Anomaly[]
    }
    expect(kept).toEqual(judge(change))
  })
})

describe('its description', () => {
  it('says what, since when, how much, why and what to do', () => {
    const [anomaly] = judge(
      (hour, provider) =>
        hour >= 31 * 24 + 20 && provider === 'outlook' ? { delivered: 62, bounced: 38 } : undefined,
      { quarter: 1 },
    )
    const { what, cause, advice } = describeAnomaly(anomaly as Anomaly, writeTime)
    expect(writePhrase('en', what)).toBe(
      'Outlook, Hotmail rejected 38% of 400 emails since 2026-04-02 20:15 UTC (normal is 1%).',
    )
    expect(cause && writePhrase('en', cause)).toMatch(/^Blocked by reputation: /)
    expect(writePhrase('en', advice)).toMatch(/blocklist/)
  })
})

describe('in a simulated year', () => {
  it('there is at most one false alarm', () => {
    expect(tryYear(1, { hasIncidents: false }).falseAlarms.length).toBeLessThanOrEqual(1)
  })

  it('nine of ten incidents are found within an hour of the first that shows them', () => {
    const { outcomes } = tryYear(2, { hasIncidents: true })
    const found = outcomes.filter(({ isFound }) => isFound)
    expect(outcomes.length).toBeGreaterThan(30)
    expect(found.length / outcomes.length).toBeGreaterThanOrEqual(0.9)
  })
})

describe("in a year of a simulated shop's events", () => {
  const events = 100_000

  it('there is at most one false alarm', () => {
    const { falseAlarms } = tryEvents(1, { events, hasIncidents: false })
    expect(falseAlarms.length).toBeLessThanOrEqual(1)
  })

  it('most incidents are found within an hour of the first that shows them', () => {
    const { outcomes, falseAlarms } = tryEvents(2, { events, hasIncidents: true })
    const found = outcomes.filter(({ isFound }) => isFound)
    expect(outcomes.length).toBeGreaterThan(10)
    expect(found.length / outcomes.length).toBeGreaterThanOrEqual(0.8)
    expect(falseAlarms.length).toBeLessThanOrEqual(1)
  })
})
