import { expect, it } from 'vitest'
import { FAULTS } from './faults.ts'
import { soak } from './run.ts'

it('loses, doubles and alters nothing while everything around it fails', async () => {
  const outcome = await soak({ events: 40_000, seed: 11, poison: 0.01, faults: 3, plan: 'paid' })
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
  })
  expect(outcome.events + outcome.erased).toBeLessThanOrEqual(40_000)
  expect(outcome.events).toBeGreaterThan(39_000)
  expect(outcome.poison).toBeGreaterThan(200)
  for (const count of [outcome.erased, outcome.archived, outcome.replayed, outcome.runs]) {
    expect(count).toBeGreaterThan(0)
  }
  expect(outcome.unnotified).toBeGreaterThan(500)
  expect(outcome.covered).toBeGreaterThan(10)
  expect(outcome.deactivatedMs).toBeGreaterThanOrEqual(3_600_000)
  // Every kind of fault occurred.
  expect(Object.keys(outcome.faults).sort()).toEqual(Object.keys(FAULTS).sort())
}, 900_000)
