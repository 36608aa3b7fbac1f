import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it } from 'vitest'
import { consumeBatch } from '../src/consume-batch.ts'
import { encodeOutage } from '../src/monitoring/alerts/outage.ts'
import { encodeSlice } from '../src/sync/slice.ts'
import { packMessages } from '../src/event/message.ts'
import * as kv from '../src/db/kv.ts'
import { normalize } from '../src/event/normalize.ts'
import { createIdentifier } from '../src/event/identity.ts'
import { toRow } from '../src/db/columns.ts'
import { buildBatch } from './deliver.ts'
import { buildEvent } from './event.ts'
import { D1_ERRORS, faultyDatabase } from './faulty.ts'
import { clearTables, count, listQuarantine } from './receiver.ts'

// Of an unknown run, so it is dropped.
const SLICE = encodeSlice({ run: 9_999, since: 0, until: 1_000, sent: 1 })
const LATER_SLICE = '{"v":2,"run":1,"from":"2026-01-01"}'

function packEvent(changes: Record<string, unknown> = {}): string {
  const result = normalize(buildEvent(changes), createIdentifier(), 'UTC')
  const row = JSON.stringify('activity' in result ? toRow(result.activity) : null)
  return packMessages({ receivedAt: 1, origin: 'webhook', labels: null }, [row], [])[0] ?? ''
}

async function consumeFrom(queue: string, bodies: unknown[], changed: Partial<Env> = {}) {
  const { batch, settled } = buildBatch(bodies)
  await consumeBatch({ ...batch, queue }, { ...env, ...changed })
  return settled
}

afterEach(clearTables)

describe.each(['yespo-activity', 'yespo-tasks', 'shop-two-dead-letters'])('from %s', (queue) => {
  it('events are stored and slices read, in one batch', async () => {
    const bodies = [packEvent(), SLICE, LATER_SLICE, packEvent({ contactId: 2 })]
    const settled = await consumeFrom(queue, bodies)
    expect(settled).toEqual(['ack', 'ack', { delaySeconds: 300 }, 'ack'])
    expect(await count('activity')).toBe(2)
    expect(await listQuarantine()).toEqual([])
  })

  it('slices alone touch no events, and events alone no slices', async () => {
    expect(await consumeFrom(queue, [SLICE])).toEqual(['ack'])
    expect(await consumeFrom(queue, [packEvent()])).toEqual(['ack'])
    expect(await count('activity')).toBe(1)
  })

  it('an event that looks like a slice is stored', async () => {
    expect(await consumeFrom(queue, [packEvent({ campaignName: SLICE, email: SLICE })])).toEqual([
      'ack',
    ])
    expect(await count('activity')).toBe(1)
  })
})

it('records the notification of an outage along with the events that waited for its end', async () => {
  const settled = await consumeFrom('one', [encodeOutage(5), packEvent(), encodeOutage(3)])
  expect(settled).toEqual(['ack', 'ack', 'ack'])
  expect(await kv.get(env.DB, 'outage.notified')).toBe('3')
  expect(await count('activity')).toBe(1)
  expect(await listQuarantine()).toEqual([])
})

it('finishes slices if events cannot be stored', async () => {
  const DB = faultyDatabase(env.DB, () => D1_ERRORS.overloaded())
  const settled = await consumeFrom('one', [packEvent(), LATER_SLICE, SLICE], { DB })
  expect(settled).toEqual([{ delaySeconds: 2 }, { delaySeconds: 300 }, 'ack'])
  expect(await count('activity')).toBe(0)
})
