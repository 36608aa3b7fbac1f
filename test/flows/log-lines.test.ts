import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { app } from '../../src/routes.ts'
import { deliver } from '../deliver.ts'
import { buildEvent } from '../event.ts'
import { D1_ERRORS, faultyDatabase, faultyQueue, type ErrorKind } from '../faulty.ts'
import { CREDENTIALS, postWith } from '../receiver.ts'
import { watchLog } from '../watch-log.ts'

const log = watchLog()
const good = { Authorization: CREDENTIALS }
const down = faultyQueue(new Error('no queue'))

function databaseThat(error: ErrorKind): D1Database {
  return faultyDatabase(env.DB, () => error)
}

/** Parses the log line, which has to be the only one. */
function onlyLine(): Record<string, unknown> {
  expect(log.lines).toHaveLength(1)
  return JSON.parse(log.lines[0] ?? '') as Record<string, unknown>
}

describe('a POST', () => {
  it('that is accepted logs nothing', async () => {
    const sent: string[] = []
    const body = [buildEvent(), 5]
    expect((await postWith({ ACTIVITY_QUEUE: faultyQueue(undefined, sent) }, body)).status).toBe(
      200,
    )
    expect(log.lines).toEqual([])
  })

  it.each<[number, string, object | string, Partial<Env>, Record<string, string>]>([
    [400, 'not_json', '[{]', {}, good],
    [401, 'unauthorized', [], {}, {}],
    [403, 'forbidden', [], { WEBHOOK_HEADERS: 'X-Key: one' }, good],
    [413, 'body_too_large', [1, 2, 3], { MAX_BODY_BYTES: '3' }, good],
    [503, 'not_configured', [], { WEBHOOK_PASSWORD: '' }, good],
  ])('that is rejected with %i %s logs one line', async (status, code, body, changed, headers) => {
    expect((await postWith(changed, body, headers)).status).toBe(status)
    expect(onlyLine()).toMatchObject({ event: 'rejected', route: '/webhooks/yespo', status, code })
  })

  it('that is stored in the database, as the queue fails, logs one line', async () => {
    expect((await postWith({ ACTIVITY_QUEUE: down }, [buildEvent()])).status).toBe(200)
    expect(onlyLine()).toEqual({ event: 'fell_back', messages: 1, errors: ['Error: no queue'] })
  })

  it('that is not stored anywhere logs one line, with both errors', async () => {
    const changed = { ACTIVITY_QUEUE: down, DB: databaseThat(D1_ERRORS.lost()) }
    expect((await postWith(changed, [buildEvent()])).status).toBe(503)
    expect(onlyLine()).toEqual({
      event: 'rejected',
      method: 'POST',
      route: '/webhooks/yespo',
      status: 503,
      code: 'unavailable',
      messages: 1,
      errors: ['Error: no queue', `Error: ${D1_ERRORS.lost().message}`],
    })
  })

  it('that fails unexpectedly logs one line, with the kind of error and its origin', async () => {
    const settings = Object.defineProperty({ ...env }, 'ACTIVITY_QUEUE', {
      get: () => {
        throw new RangeError('someone@example.com')
      },
    })
    const init = { method: 'POST', headers: good, body: '[5]' }
    expect((await app.request('/webhooks/yespo', init, settings)).status).toBe(500)
    expect(onlyLine()).toMatchObject({
      event: 'rejected',
      route: '/webhooks/yespo',
      status: 500,
      code: 'internal',
      kind: 'RangeError',
      at: expect.stringMatching(/^at /),
    })
    expect(log.lines.join()).not.toContain('someone')
  })
})

describe('another request', () => {
  it('that fails unexpectedly logs one line, with the kind of error and its origin', async () => {
    const headers = { Authorization: 'Bearer read-token-for-tests' }
    const settings = { ...env, DB: undefined }
    expect((await app.request('/activity', { headers }, settings)).status).toBe(500)
    expect(onlyLine()).toMatchObject({
      event: 'rejected',
      status: 500,
      code: 'internal',
      kind: 'TypeError',
      at: expect.stringMatching(/^at /),
    })
  })

  it('that cannot reach the database logs one line, with the error', async () => {
    const headers = { Authorization: 'Bearer read-token-for-tests' }
    const prepare = () => {
      throw D1_ERRORS.overloaded()
    }
    const settings = { ...env, DB: { prepare, batch: prepare } }
    expect((await app.request('/activity', { headers }, settings)).status).toBe(503)
    expect(onlyLine()).toMatchObject({
      event: 'rejected',
      code: 'unavailable',
      errors: [D1_ERRORS.overloaded().message],
    })
  })
})

describe('a batch', () => {
  const broken = '{"v":1,"accepted":1,"rejected":0,"rows":[['

  async function messages(posts: number, events: number): Promise<string[]> {
    const sent: string[] = []
    for (let n = 0; n < posts; n++) {
      const body = Array.from({ length: events }, (_, contactId) => buildEvent({ contactId }))
      await postWith({ ACTIVITY_QUEUE: faultyQueue(undefined, sent) }, body)
    }
    return sent
  }

  it.each([1, 4, 100])(
    'of a hundred POSTs with %i events each logs one line',
    async (events) => {
      await deliver(await messages(100, events))
      expect(onlyLine()).toMatchObject({ event: 'consumed', stored: 100, events: 100 * events })
    },
    600_000,
  )

  it('with every possible error at once logs one line', async () => {
    await deliver([...(await messages(3, 1)), broken, 'no message'])
    expect(onlyLine()).toMatchObject({ stored: 3, quarantined: 2, failed: 0 })
  })

  it('that waits for the database logs one line', async () => {
    await deliver(await messages(3, 1), { db: databaseThat(D1_ERRORS.lost()) })
    expect(onlyLine()).toMatchObject({ stored: 0, failed: 3, errors: [expect.any(String)] })
  })
})
