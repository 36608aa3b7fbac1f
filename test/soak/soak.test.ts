import { expect, it } from 'vitest'
import { FAULTS } from './faults.ts'
import { soak } from './run.ts'

it('loses, doubles and alters nothing while everything around the receiver fails', async () => {
  const outcome = await soak({ events: 40_000, seed: 11, poison: 0.01, faults: 3 })
  expect(outcome).toMatchObject({
    stored: outcome.events,
    balance: {
      kept: 0,
      gapsLeft: 0,
      lost: 0,
      doubled: 0,
      altered: 0,
      quarantined: outcome.poison,
      setAsideWrongly: 0,
    },
    miscounted: 0,
    filled: outcome.untold,
    coverageWrong: 0,
    hasty: 0,
    surprises: 0,
    stuck: 0,
    leaks: 0,
  })
  expect(outcome.events + outcome.forgotten).toBeLessThanOrEqual(40_000)
  expect(outcome.events).toBeGreaterThan(39_000)
  expect(outcome.poison).toBeGreaterThan(200)
  for (const count of [outcome.forgotten, outcome.archived, outcome.replayed, outcome.runs]) {
    expect(count).toBeGreaterThan(0)
  }
  expect(outcome.untold).toBeGreaterThan(500)
  expect(outcome.covered).toBeGreaterThan(10)
  expect(outcome.deactivatedMs).toBeGreaterThanOrEqual(3_600_000)
  // Each kind of fault was there to be withstood.
  expect(Object.keys(outcome.faults).sort()).toEqual(Object.keys(FAULTS).sort())
}, 900_000)
