import { expect, it } from 'vitest'
import { FAULTS } from './faults.ts'
import { soak, type SoakOptions } from './run.ts'

const RUNS: SoakOptions[] = [
  { plan: 'paid', events: 4_000, seed: 11, poison: 0.01, faults: 3 },
  { plan: 'free', events: 4_000, seed: 14, poison: 0.01, faults: 3 },
]

const occurred = new Set<string>()

it.each(RUNS)(
  'loses, doubles and alters nothing on the $plan plan while everything around it fails',
  async (options) => {
    const outcome = await soak(options)
    for (const kind of Object.keys(outcome.faults)) occurred.add(kind)
    expect(outcome).toMatchObject({
      stored: outcome.events,
      balance: {
        notErased: 0,
        gapsLeft: 0,
        lost: 0,
        doubled: 0,
        altered: 0,
        quarantined: outcome.poison,
        wronglyQuarantined: 0,
      },
      miscounted: 0,
      filled: outcome.unnotified,
      wrongCoverage: 0,
      callsTooSoon: 0,
      unexpectedResponses: 0,
      blockedForever: 0,
      leaks: 0,
      quotasSpent: 4,
    })
    const { events } = options
    expect(outcome.events + outcome.erased).toBeLessThanOrEqual(events)
    expect(outcome.events).toBeGreaterThan(events * 0.97)
    expect(outcome.poison).toBeGreaterThan(events / 200)
    const { erased, archived, replayed, runs } = outcome
    for (const count of [erased, archived, replayed, runs]) {
      expect(count).toBeGreaterThan(0)
    }
    expect(outcome.covered).toBeGreaterThan(10)
    expect(outcome.unnotified).toBeGreaterThan(events / 80)
    expect(outcome.deactivatedMs).toBeGreaterThanOrEqual(3_600_000)
  },
  900_000,
)

it('meets every kind of fault', () => {
  expect([...occurred].sort()).toEqual(Object.keys(FAULTS).sort())
})
