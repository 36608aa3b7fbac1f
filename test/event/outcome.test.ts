import { expect, it } from 'vitest'
import { MILESTONES, OUTCOMES, OUTCOME_NAMES, OUTCOME_STATUSES } from '../../src/event/outcome.ts'

it('of a permanent bounce is a hard UNDELIVERED', () => {
  expect(OUTCOMES.hardBounced).toEqual({ status: 'UNDELIVERED', isHard: true })
  expect(OUTCOMES.bounced).toEqual({ status: 'UNDELIVERED' })
})

it('has a status of its own otherwise', () => {
  expect(OUTCOME_STATUSES).toEqual([
    'SENT',
    'DELIVERED',
    'READ',
    'CLICKED',
    'UNDELIVERED',
    'SPAM',
    'UNSUBSCRIBED',
  ])
  expect(OUTCOME_NAMES).toHaveLength(8)
})

it('is a milestone unless machines may cause it', () => {
  expect(OUTCOME_NAMES.filter((name) => !MILESTONES.some((each) => each === name))).toEqual([
    'read',
    'clicked',
  ])
})
