import { expect, it } from 'vitest'
import { toEvent, withoutExtras } from '../../src/event/api-row.ts'

it("has the webhook's names, and no cursor or nulls", () => {
  const row = { webPushToken: 'w', mobPushToken: 'm', offset: 7, email: null, statusData: 's' }
  expect(toEvent(row)).toEqual({ webpush: 'w', mobilepush: 'm', statusData: 's' })
})

it('keeps both if a parameter comes under both names', () => {
  expect(toEvent({ webPushToken: 'one', webpush: 'other' })).toEqual({
    webPushToken: 'one',
    webpush: 'other',
  })
  expect(toEvent({ webPushToken: 'one', webpush: null })).toEqual({ webpush: 'one' })
})

it('takes any name', () => {
  const row: object = JSON.parse('{"__proto__":1,"constructor":2}')
  expect(Object.entries(toEvent(row))).toEqual([
    ['__proto__', 1],
    ['constructor', 2],
  ])
})

it('leaves out what only the API has', () => {
  const row = { offset: 1, externalRequestId: 'x', statusData: 's', iid: 'i' }
  expect(withoutExtras(row)).toEqual({ iid: 'i' })
})
