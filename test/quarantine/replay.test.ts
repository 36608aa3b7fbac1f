import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { saveReplay, takeReplay } from '../../src/db/quarantine/replays.ts'
import { digest128 } from '../../src/event/identity.ts'
import { continueReplay } from '../../src/quarantine/replay-step.ts'
import { buildEvent } from '../event.ts'
import { D1_ERRORS, faultyDatabase, faultyQueue } from '../faulty.ts'
import { clearTables, count, list, listQuarantine, postWith } from '../receiver.ts'
import { operate, replay, quarantined } from '../quarantine.ts'
import { storeFromApi } from '../store-from-api.ts'

beforeEach(clearTables)

const down = { ACTIVITY_QUEUE: faultyQueue(new Error('down')) }

/** Replays step by step. @returns the response of each step */
async function replayAll(query = ''): Promise<{ replayed: number; still: number }[]> {
  const steps: { replayed: number; still: number }[] = []
  let cursor = ''
  do {
    const { replayed, still, next } = await replay(`/replay?${query}${cursor}`)
    steps.push({ replayed, still })
    cursor = next ? `&cursor=${next}` : ''
  } while (cursor !== '')
  return steps
}

describe('an element that is valid now', () => {
  it('is stored as it would have been originally, and leaves the quarantine', async () => {
    const event = buildEvent({ contactId: 1, unheardOf: { a: [1] } })
    const sent = JSON.stringify(event).replace('"contactId":1', '"contactId":9223372036854775807')
    const envelope = { receivedAt: 1_600_000_000_000, labels: '{"X-Shop":"one"}' }
    const id = await quarantined({ sent, ...envelope })
    const report = { replayed: 1, events: 1, still: 0, reason: null }
    expect(await replay(`/${id}/replay`)).toEqual(report)
    const [stored] = (await list()).activity
    expect(stored).toMatchObject({
      receivedAt: 1_600_000_000_000,
      labels: { 'X-Shop': 'one' },
      iid: event['iid'],
      extra: { unheardOf: { a: [1] } },
    })
    const digits = 'SELECT CAST(contactId AS TEXT) AS digits FROM activity'
    expect(await env.DB.prepare(digits).first('digits')).toBe('9223372036854775807')
    expect(await count('quarantine')).toBe(0)
    expect((await operate('POST', `/quarantine/${id}/replay`)).status).toBe(404)
  })

  it('is the same event if Yespo sends it again', async () => {
    const event = buildEvent()
    const id = await quarantined({ sent: JSON.stringify(event) })
    await postWith(down, [event])
    expect(await replay(`/${id}/replay`)).toMatchObject({ replayed: 1, events: 1 })
    expect(await count('activity')).toBe(1)
  })

  it('is the same event as in Yespo’s API', async () => {
    const event = buildEvent({ extra: 1 })
    const id = await quarantined({ sent: JSON.stringify(event) })
    await storeFromApi(Date.now(), { ...event, externalRequestId: 'x', statusData: { a: 1 } })
    expect(await replay(`/${id}/replay`)).toMatchObject({ replayed: 1, events: 1 })
    expect(await count('activity')).toBe(1)
  })

  it('is stored directly, so that the next one is distinguished from it', async () => {
    const id = await quarantined({ sent: JSON.stringify(buildEvent()) })
    const sent: string[] = []
    await replay(`/${id}/replay`, { ACTIVITY_QUEUE: faultyQueue(undefined, sent) })
    expect([sent.length, await count('activity'), await count('quarantine')]).toEqual([0, 1, 0])
  })

  it('stays if the database is down', async () => {
    const id = await quarantined({ sent: JSON.stringify(buildEvent()) })
    const DB = faultyDatabase(env.DB, () => D1_ERRORS.lost())
    expect((await operate('POST', `/quarantine/${id}/replay`, { DB })).status).toBe(503)
    expect(await count('quarantine')).toBe(1)
    expect(await replay(`/${id}/replay`)).toMatchObject({ replayed: 1 })
  })

  it('is quarantined as a message if the database rejects it for an unknown reason', async () => {
    for (const email of ['poison', 'fine']) {
      await quarantined({ sent: JSON.stringify(buildEvent({ email })) })
    }
    const DB = faultyDatabase(env.DB, (_call, text) =>
      text.includes('"poison"') ? D1_ERRORS.unknown() : undefined,
    )
    expect(await replay('/replay', { DB })).toMatchObject({ replayed: 2, events: 1, still: 1 })
    expect(await listQuarantine()).toMatchObject([{ kind: 'message' }])
  })

  it('is stored once even if it was stored before but not deleted', async () => {
    const click = JSON.stringify(buildEvent({ activityStatus: 'CLICKED' }))
    for (const elementIndex of [1, 4])
      await quarantined({ sent: click, request: 'r', elementIndex })
    const DB = faultyDatabase(env.DB, (call) => (call > 1 ? D1_ERRORS.lost() : undefined))
    expect((await operate('POST', '/quarantine/replay', { DB })).status).toBe(503)
    expect([await count('activity'), await count('quarantine')]).toEqual([2, 2])
    expect(await replayAll()).toEqual([{ replayed: 2, still: 0 }])
    expect([await count('activity'), await count('quarantine')]).toEqual([2, 0])
  })

  it('is read from all its parts', async () => {
    const messageName = '😀"\\я'.repeat(40_000)
    const id = await quarantined({ sent: JSON.stringify(buildEvent({ messageName })) })
    expect(await count('quarantine')).toBeGreaterThan(5)
    expect(await replay(`/${id}/replay`)).toMatchObject({ replayed: 1, events: 1 })
    expect((await list()).activity[0]?.extra).toEqual({ messageName })
    expect(await count('quarantine')).toBe(0)
  })
})

describe('elements with the same text', () => {
  const text = JSON.stringify({ ...buildEvent({ activityStatus: 'CLICKED' }), clickEventLink: 'x' })

  it('become as many events, even if one is replayed alone', async () => {
    const ids: string[] = []
    for (const elementIndex of [2, 3, 10]) {
      ids.push(await quarantined({ sent: text, request: 'r', elementIndex }))
    }
    await quarantined({ sent: JSON.stringify(buildEvent()), request: 'r', elementIndex: 4 })
    expect(await replay(`/${ids[1]}/replay`)).toMatchObject({ replayed: 3, events: 3, still: 0 })
    expect(await count('activity')).toBe(3)
    expect((await listQuarantine()).map(({ elementIndex }) => elementIndex)).toEqual([4])
  })

  it('get the IDs that they would have had in their request', async () => {
    for (const elementIndex of [0, 1]) await quarantined({ sent: text, request: 'r', elementIndex })
    await replayAll()
    await postWith(down, `[${text},${text}]`)
    expect(await count('activity')).toBe(2)
  })

  it('are distinguished from those with the same beginning', async () => {
    const long = (end: string) =>
      JSON.stringify({ ...buildEvent({ iid: 'one' }), messageName: 'x'.repeat(70_000) + end })
    for (const [elementIndex, end] of ['a', 'b', 'a', 'longer'.repeat(9_000)].entries()) {
      await quarantined({ sent: long(end), request: 'r', elementIndex })
    }
    expect(await replay('/r.0/replay')).toMatchObject({ replayed: 2, events: 2 })
    const left = (await listQuarantine()).map(({ elementIndex }) => elementIndex)
    expect(new Set(left)).toEqual(new Set([1, 3]))
  })

  it('are not mixed up with those of other requests', async () => {
    const id = await quarantined({ sent: text })
    await quarantined({ sent: text })
    expect(await replay(`/${id}/replay`)).toMatchObject({ replayed: 1 })
    expect(await count('quarantine')).toBe(1)
  })
})

describe('elements that differ in one parameter', () => {
  const click = { ...buildEvent({ activityStatus: 'CLICKED' }), clickEventLink: 'x' }
  const of = (osName: string) => JSON.stringify({ ...click, osName })
  const names = async () => (await list()).activity.map((event) => event['osName']).sort()

  it.each([
    ['in their order', [0, 1, 2]],
    ['from the end', [2, 1, 0]],
  ])('are all kept if they are replayed one by one, %s', async (_, order) => {
    const texts = ['A', 'B', 'C'].map(of)
    for (const [elementIndex, sent] of texts.entries()) {
      await quarantined({ sent, request: `r${elementIndex}`, elementIndex })
    }
    for (const index of order) await replay(`/r${index}.${index}/replay`)
    expect(await names()).toEqual(['A', 'B', 'C'])
    expect(await count('quarantine')).toBe(0)
  })

  it('are replayed together if they are from one request, and get the IDs of a body', async () => {
    for (const [elementIndex, name] of ['A', 'B'].entries()) {
      await quarantined({ sent: of(name), request: 'r', elementIndex })
    }
    await quarantined({ sent: JSON.stringify(buildEvent()), request: 'r', elementIndex: 2 })
    expect(await replay('/r.1/replay')).toMatchObject({ replayed: 2, events: 2 })
    await postWith(down, `[${of('A')},${of('B')}]`)
    expect(await names()).toEqual(['A', 'B'])
  })

  it('are kept even if one was accepted at the edge', async () => {
    await postWith(down, `[${of('A')}]`)
    const id = await quarantined({ sent: of('B') })
    expect(await replay(`/${id}/replay`)).toMatchObject({ replayed: 1, events: 1 })
    expect(await names()).toEqual(['A', 'B'])
    await quarantined({ sent: of('B'), request: id.split('.')[0] ?? '' })
    await replay('/replay')
    expect(await names()).toEqual(['A', 'B'])
  })

  it.each([of('A'), of('A').replace('iid', 'noIid')])(
    'are kept if they only differ in spelling: %s',
    async (text) => {
      const texts = [text, text.replace('{', '{ ')]
      for (const [elementIndex, sent] of texts.entries()) {
        await quarantined({ sent, request: 'r', elementIndex })
      }
      await replay('/r.0/replay')
      await replay('/replay')
      expect(await count('activity')).toBe(2)
    },
  )

  it('are kept if two are replayed at the same time', async () => {
    const ids = [await quarantined({ sent: of('A') }), await quarantined({ sent: of('B') })]
    await Promise.all([...ids, ...ids].map((id) => operate('POST', `/quarantine/${id}/replay`)))
    await replay('/replay')
    expect(await names()).toEqual(['A', 'B'])
    expect(await count('quarantine')).toBe(0)
  })

  it('are kept if there are more than fit in a step', async () => {
    for (let elementIndex = 0; elementIndex < 210; elementIndex++) {
      await quarantined({
        sent: of(String(elementIndex)),
        request: 'q',
        elementIndex,
        receivedAt: 1,
      })
    }
    const steps = await replayAll()
    expect(steps.reduce((sum, { replayed }) => sum + replayed, 0)).toBe(210)
    expect([await count('activity'), await count('quarantine')]).toEqual([210, 0])
  })
})

describe('an invalid element', () => {
  it('stays if it has two values for a parameter', async () => {
    const text = JSON.stringify(buildEvent({ messageName: '😀'.repeat(20_000) }))
    const sent = text.replace('{', '{"contactId":1,')
    const id = await quarantined({ sent })
    const reason = 'contactId is given twice'
    expect(await replay(`/${id}/replay`)).toEqual({ replayed: 0, events: 0, still: 1, reason })
    expect((await listQuarantine()).map((part) => part['sent']).join('')).toBe(sent)
  })

  it("stays unchanged, once, with today's reason", async () => {
    const id = await quarantined({ sent: '5', reason: 'of yesterday', receivedAt: 77 })
    const reason = 'the element is a number; an event is an object'
    for (let time = 0; time < 2; time++) {
      expect(await replay(`/${id}/replay`)).toEqual({ replayed: 0, events: 0, still: 1, reason })
    }
    expect(await listQuarantine()).toMatchObject([{ sent: '5', reason, receivedAt: 77 }])
  })

  it('stays while others of its request are stored', async () => {
    const texts = ['5', JSON.stringify(buildEvent()), '{}', JSON.stringify(buildEvent())]
    for (const [elementIndex, sent] of texts.entries()) {
      await quarantined({ sent, request: 'r', elementIndex })
    }
    expect(await replayAll()).toEqual([{ replayed: 2, still: 2 }])
    expect(await count('activity')).toBe(2)
    expect((await listQuarantine()).map(({ sent }) => sent)).toEqual(['5', '{}'])
  })

  it('stays if it is not even JSON, and blocks nothing', async () => {
    await quarantined({ sent: '{"a":', request: 'r', elementIndex: 0 })
    await quarantined({ sent: '1],[2', request: 'r', elementIndex: 1 })
    await quarantined({ sent: JSON.stringify(buildEvent()), request: 'r', elementIndex: 2 })
    expect(await replayAll()).toEqual([{ replayed: 1, still: 2 }])
    expect((await listQuarantine()).map(({ reason }) => reason)).toEqual(['why', 'why'])
  })

  it('stays if it is larger than a request may be now', async () => {
    const id = await quarantined({ sent: JSON.stringify(buildEvent({ a: 'x'.repeat(100_000) })) })
    const changed = { MAX_BODY_BYTES: '50000' } as unknown as Partial<Env>
    expect(await replay(`/${id}/replay`, changed)).toMatchObject({ replayed: 0, still: 1 })
    expect(await replay(`/${id}/replay`)).toMatchObject({ replayed: 1 })
  })
})

describe('bytes', () => {
  it('that are not UTF-8 stay unchanged', async () => {
    const body = Buffer.from('[{"activityStatus":"READ","messageName":"caf\xe9"}]', 'latin1')
    await postWith(down, new Uint8Array(body))
    const before = await listQuarantine()
    expect(before).toMatchObject([{ kind: 'bytes' }])
    expect(await replayAll()).toEqual([{ replayed: 0, still: 1 }])
    expect(await listQuarantine()).toEqual(before)
  })

  it('are read as bytes', async () => {
    const sent = Buffer.from(JSON.stringify(buildEvent({ messageName: 'café' }))).toString('latin1')
    const id = await quarantined({ kind: 'bytes', sent })
    expect(await replay(`/${id}/replay`)).toMatchObject({ replayed: 1, events: 1 })
    expect((await list()).activity[0]?.['messageName']).toBe('café')
  })
})

describe('a body', () => {
  const sources = () => [JSON.stringify(buildEvent()), '5', JSON.stringify(buildEvent())] as const

  it('becomes events, and its invalid elements are quarantined separately', async () => {
    const id = await quarantined({
      kind: 'body',
      sent: `[${sources().join(' , ')}]`,
      receivedAt: 77,
    })
    expect(await replay(`/${id}/replay`)).toMatchObject({ replayed: 1, events: 2, still: 1 })
    expect(await count('activity')).toBe(2)
    const left = { kind: 'element', sent: '5', elementIndex: 1, receivedAt: 77 }
    expect(await listQuarantine()).toMatchObject([left])
  })

  it('keyed by its own digest loses none of its elements', async () => {
    const sent = `[5,${sources().join()}]`
    await quarantined({ kind: 'body', sent, request: digest128(sent) })
    expect(await replayAll()).toEqual([{ replayed: 1, still: 2 }])
    expect((await listQuarantine()).map((row) => row['sent'])).toEqual(['5', '5'])
  })

  it("without an event stays unchanged, with today's reason", async () => {
    await quarantined({ kind: 'body', sent: '[1,2,3]', reason: 'why' })
    expect(await replayAll()).toEqual([{ replayed: 0, still: 1 }])
    expect(await listQuarantine()).toMatchObject([{ kind: 'body', sent: '[1,2,3]' }])
  })

  it('that is truncated becomes the events before that, each once, and stays', async () => {
    const [one, , other] = sources()
    const id = await quarantined({ kind: 'body', sent: `[${one},${one},${other},{"a":` })
    for (let times = 0; times < 2; times++) {
      expect(await replay(`/${id}/replay`)).toMatchObject({ replayed: 0, events: 3, still: 1 })
    }
    expect(await count('activity')).toBe(3)
    expect(await count('quarantine')).toBe(1)
  })

  it('that is gzip is inflated', async () => {
    const zipped = new Response(`[${sources().join()}]`).body?.pipeThrough(
      new CompressionStream('gzip'),
    )
    const sent = Buffer.from(await new Response(zipped).arrayBuffer()).toString('latin1')
    const id = await quarantined({ kind: 'bodyBytes', sent })
    expect(await replay(`/${id}/replay`)).toMatchObject({ replayed: 1, events: 2, still: 1 })
    expect(await listQuarantine()).toMatchObject([{ kind: 'element', sent: '5' }])
  })

  it('that is not UTF-8 keeps every byte', async () => {
    const event = JSON.stringify(buildEvent({ messageName: 'Привіт' }))
    const body = Buffer.concat([
      Buffer.from(`[${event},{"x":"`),
      Buffer.from([0xff]),
      Buffer.from('"}]'),
    ])
    await quarantined({ kind: 'bodyBytes', sent: body.toString('latin1') })
    expect(await replay('/replay')).toMatchObject({ replayed: 1, events: 1, still: 1 })
    expect((await list()).activity[0]?.['messageName']).toBe('Привіт')
    expect(await listQuarantine()).toMatchObject([{ kind: 'bytes', sent: '{"x":"\u00ff"}' }])
  })
})

describe('many items', () => {
  it('are replayed step by step, and those that stay block nothing', async () => {
    const values = Array.from({ length: 450 }, (_, index) =>
      index % 3 === 0 ? String(index) : JSON.stringify(buildEvent()),
    )
    const rows = values.map((sent, index) => [`r${index >> 3}`, index, index >> 4, sent])
    await env.DB.prepare(
      `INSERT INTO quarantine SELECT value ->> 0, value ->> 1, 0, 'element',
         iif(value ->> 1 < 400, 'many', 'few'), value ->> 2, 'webhook', NULL, value ->> 3 FROM json_each(?)`,
    )
      .bind(JSON.stringify(rows))
      .run()
    const steps = await replayAll('reason=many')
    expect(steps.length).toBe(8)
    expect(steps.reduce((sum, { replayed }) => sum + replayed, 0)).toBe(266)
    expect(steps.reduce((sum, { still }) => sum + still, 0)).toBe(134)
    expect(await count('activity')).toBe(266)
    await replayAll()
    expect(await count('activity')).toBe(300)
    expect(await count('quarantine')).toBe(150)
  })

  it('are replayed in steps of limited size, too', async () => {
    for (let index = 0; index < 4; index++) {
      await quarantined({ sent: JSON.stringify(buildEvent({ a: 'x'.repeat(700_000) })) })
    }
    const steps = await replayAll()
    expect(steps).toEqual(Array.from({ length: 4 }, () => ({ replayed: 1, still: 0 })))
    expect(await count('activity')).toBe(4)
  })

  it('query the database no more often than the free plan allows', async () => {
    for (let index = 0; index < 50; index++) {
      await quarantined({ sent: index % 2 === 0 ? '5' : JSON.stringify(buildEvent()) })
    }
    let queries = 0
    const DB = new Proxy(env.DB, {
      get: (db, name) => {
        if (name === 'prepare') queries++
        const value: unknown = Reflect.get(db, name)
        return typeof value === 'function' ? value.bind(db) : value
      },
    })
    const step = await replay('/replay', { DB, ACTIVITY_QUEUE: faultyQueue(undefined) })
    expect(step).toEqual({ replayed: 25, events: 25, still: 25, next: null })
    expect(queries).toBeLessThan(30)
  })
})

describe('a replay that tasks continue', () => {
  it('goes on even if the request that started it was killed', async () => {
    await quarantined({ sent: JSON.stringify(buildEvent()) })
    const started = Promise.withResolvers<void>()
    const DB = faultyDatabase(env.DB, () => {
      started.resolve()
      return 'hang'
    })
    void operate('POST', '/quarantine/replay', { DB })
    await started.promise
    expect(await continueReplay(env)).toBe(true)
    expect([await count('activity'), await count('quarantine')]).toEqual([1, 0])
  })

  it('skips an item that kills its step even alone, and goes on with the next', async () => {
    for (const contactId of [1, 2]) {
      await quarantined({ sent: JSON.stringify(buildEvent({ contactId })) })
    }
    const receivedAt = Number.MAX_SAFE_INTEGER
    await saveReplay(env.DB, undefined, { receivedAt, request: '', elementIndex: 0 })
    for (let kills = 0; kills < 6; kills++) await takeReplay(env.DB)
    const free = { ...env, CLOUDFLARE_PLAN: 'free' } as const
    expect(await continueReplay(free)).toBe(true)
    expect(await count('quarantine')).toBe(2)
    expect(await continueReplay(free)).toBe(true)
    expect((await list()).activity).toMatchObject([{ contactId: 1 }]) // the newer one was skipped
    expect(await count('quarantine')).toBe(1)
  })

  it('skips no item because the database fails, however often', async () => {
    await quarantined({ sent: JSON.stringify(buildEvent()) })
    await saveReplay(env.DB, undefined, {
      receivedAt: Number.MAX_SAFE_INTEGER,
      request: '',
      elementIndex: 0,
    })
    const DB = faultyDatabase(env.DB, () => D1_ERRORS.overloaded())
    for (let n = 0; n < 10; n++) {
      await expect(continueReplay({ ...env, DB })).rejects.toThrow('database')
    }
    expect(await continueReplay(env)).toBe(true)
    expect([await count('activity'), await count('quarantine')]).toEqual([1, 0])
  })
})
