import { Buffer } from 'node:buffer'
import { expect, it } from 'vitest'
import { Elements } from '../../src/ingest/parse-elements.ts'
import { prepare } from '../../src/ingest/to-messages.ts'
import { buildEvent } from '../event.ts'

it('leaves room for the labels in the row of an event', () => {
  const body = Buffer.from(
    JSON.stringify([buildEvent({ statusDescription: 'x'.repeat(1_850_000) })]),
  )
  const prepareWith = (labels: string | null) =>
    prepare(new Elements(body), { receivedAt: 0, origin: 'webhook', labels }, 'UTC')
  expect(prepareWith(null)).toMatchObject({ accepted: 1, quarantined: [] })
  expect(prepareWith('x'.repeat(20_000))).toMatchObject({
    accepted: 0,
    quarantined: [{ index: 0, reason: 'the event is larger than 1900000 bytes' }],
  })
})
