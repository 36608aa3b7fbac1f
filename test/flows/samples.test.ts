import { expect, it } from 'vitest'
import broadcast from '../../src/simulator/samples/sample-broadcast.json?raw'
import triggered from '../../src/simulator/samples/sample-triggered.json?raw'
import { list, take, untilStored } from '../receiver.ts'
import { rebuild } from '../rebuild.ts'

it("stores Yespo's samples as sent, and a repeat changes nothing", async () => {
  for (const sample of [broadcast, triggered, broadcast]) {
    const sent: unknown[] = JSON.parse(sample)
    expect(await take(sample)).toEqual({
      received: sent.length,
      accepted: sent.length,
      quarantined: [],
      deferred: 0,
    })
  }
  await untilStored(7)
  const { activity, next } = await list()
  expect(next).toBeNull()
  const sent = [...JSON.parse(broadcast), ...JSON.parse(triggered)]
  expect(activity.map(rebuild)).toEqual(expect.arrayContaining(sent))
  expect(activity.map(({ occurredAt }) => occurredAt)).toEqual(
    activity.map(({ occurredAt }) => occurredAt).sort((a, b) => b - a),
  )
})
