import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { ENDPOINTS } from '../../src/api-routes.ts'
import { redact } from '../../src/db/erasure/redact.ts'
import type { DataSubject } from '../../src/db/erasure/subject.ts'
import { clearTables, count, listQuarantine, read } from '../receiver.ts'
import { operate, quarantined } from '../quarantine.ts'

beforeEach(clearTables)

type Page = {
  quarantine: {
    id: string
    sent: string
    complete: boolean
    labels: object
    expiresAt: number | null
  }[]
  reasons: { reason: string; items: number }[] | null
  complete: boolean | null
  next: string | null
}

/** Parses the response of an endpoint, which has to match its documentation. */
async function parse<Result>(operationId: string, response: Response): Promise<Result> {
  expect(response.status).toBe(200)
  const schema = ENDPOINTS.find((endpoint) => endpoint.operationId === operationId)?.response
  const result = await response.json<Result>()
  expect(schema?.().parse(result)).toEqual(result)
  return result
}

async function show(path: string, changed: Partial<Env> = {}): Promise<Page> {
  return parse('listQuarantine', await operate('GET', path, changed))
}

async function deleteItems(path: string): Promise<{ deleted: number; next: string | null }> {
  return parse('deleteQuarantine', await operate('DELETE', path))
}

describe('GET /quarantine', () => {
  it('lists the newest first, with reasons, labels and when each is deleted', async () => {
    const labels = '{"X-Shop":"one"}'
    const first = await quarantined({ sent: '1', receivedAt: 1_000, reason: 'a' })
    const second = await quarantined({ sent: '"x"', receivedAt: 2_000, reason: 'b', labels })
    const { quarantine, reasons, complete, next } = await show('/quarantine')
    expect(quarantine.map(({ id }) => id)).toEqual([second, first])
    expect(quarantine[0]).toEqual({
      id: second,
      kind: 'element',
      reason: 'b',
      receivedAt: 2_000,
      origin: 'webhook',
      labels: { 'X-Shop': 'one' },
      sent: '"x"',
      complete: true,
      expiresAt: 2_000 + 30 * 86_400_000,
    })
    expect(quarantine[1]?.labels).toEqual({})
    expect(reasons).toEqual([
      { reason: 'a', items: 1 },
      { reason: 'b', items: 1 },
    ])
    expect(complete).toBe(true)
    expect(next).toBeNull()
  })

  it('says if it does not count all reasons, and counts each once', async () => {
    await env.DB.prepare(
      `WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 60)
       INSERT INTO quarantine
       SELECT 'r' || value, 0, 0, 'element', 'why' || value, value, 'webhook', NULL, '1' FROM n`,
    ).run()
    const first = await show('/quarantine')
    expect([first.reasons?.length, first.complete]).toEqual([50, false])
    const second = await show(`/quarantine?cursor=${first.next}`)
    expect([second.reasons, second.complete]).toEqual([null, null])
    expect(second.quarantine).toHaveLength(10)
  })

  it('is paginated, also by reason', async () => {
    for (let index = 0; index < 7; index++) {
      await quarantined({ sent: String(index), reason: index % 2 === 0 ? 'even' : 'odd' })
    }
    const seen: string[] = []
    let cursor = ''
    do {
      const { quarantine, next } = await show(`/quarantine?reason=even&limit=3${cursor}`)
      seen.push(...quarantine.map(({ sent }) => sent))
      cursor = next === null ? '' : `&cursor=${next}`
    } while (cursor !== '')
    expect(seen).toEqual(['6', '4', '2', '0'])
  })

  it('shows no deletion time if QUARANTINE_DAYS is 0', async () => {
    await quarantined({ sent: '1' })
    const changed = { QUARANTINE_DAYS: '0' } as unknown as Partial<Env>
    expect((await show('/quarantine', changed)).quarantine[0]?.expiresAt).toBeNull()
  })

  it('has the beginning of long items, and says so', async () => {
    const exact = `"${'é'.repeat(1_998)}"`
    await quarantined({ sent: exact, receivedAt: 2 })
    await quarantined({ sent: `"${'é'.repeat(50_000)}"`, receivedAt: 1 })
    const { quarantine } = await show('/quarantine')
    expect(quarantine.map(({ complete }) => complete)).toEqual([true, false])
    expect(quarantine.map(({ sent }) => sent)).toEqual([exact, `"${'é'.repeat(1_999)}`])
  })

  it.each(['limit=0', 'limit=101', 'cursor=x', 'reason=', 'what=1'])(
    'rejects %s',
    async (query) => {
      expect((await operate('GET', `/quarantine?${query}`)).status).toBe(400)
    },
  )
})

describe('GET /quarantine/{id}', () => {
  it('has the whole item, joined from its parts', async () => {
    const sent = `"${'x'.repeat(200_000)}"`
    const id = await quarantined({ sent })
    const response = await operate('GET', `/quarantine/${id}`)
    expect(await parse('showQuarantined', response)).toMatchObject({ sent, complete: true })
  })

  it('shortens extremely long items, and says so', async () => {
    const id = await quarantined({ sent: 'x'.repeat(3_100_000) })
    const response = await (await operate('GET', `/quarantine/${id}`)).json<{ sent: string }>()
    expect(response).toMatchObject({ complete: false })
    expect(response.sent.length).toBe(3_000_000)
  })

  it.each(['nothing', 'nothing.0', 'a.b', 'x.1.2'])('responds 404 for %s', async (id) => {
    expect((await operate('GET', `/quarantine/${id}`)).status).toBe(404)
  })
})

describe('DELETE', () => {
  it('deletes an item with all its parts, and nothing else', async () => {
    const long = await quarantined({ sent: 'x'.repeat(100_000), request: 'r', elementIndex: 1 })
    await quarantined({ sent: '2', request: 'r', elementIndex: 2 })
    expect(await deleteItems(`/quarantine/${long}`)).toEqual({ deleted: 1, next: null })
    expect((await listQuarantine()).map(({ elementIndex }) => elementIndex)).toEqual([2])
    expect((await operate('DELETE', `/quarantine/${long}`)).status).toBe(404)
  })

  it('deletes all items of a reason in steps', async () => {
    await env.DB.prepare(
      `WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 2500)
       INSERT INTO quarantine
       SELECT 'r' || value, 0, 0, 'element', 'why' || (value % 5 = 0), value, 'webhook', NULL, '1' FROM n`,
    ).run()
    const steps: number[] = []
    let cursor = ''
    do {
      const { deleted, next } = await deleteItems(`/quarantine?reason=why0${cursor}`)
      steps.push(deleted)
      cursor = next === null ? '' : `&cursor=${next}`
    } while (cursor !== '')
    expect(steps).toEqual([1_000, 1_000])
    expect(new Set((await listQuarantine()).map(({ reason }) => reason))).toEqual(new Set(['why1']))
  })

  it('deletes everything only on explicit request', async () => {
    await quarantined({ sent: '1', reason: 'a' })
    await quarantined({ sent: '2', reason: 'b' })
    for (const query of ['', '?reason=', '?cursor=1.r.0']) {
      expect((await operate('DELETE', `/quarantine${query}`)).status).toBe(400)
    }
    expect(await count('quarantine')).toBe(2)
    expect(await deleteItems('/quarantine?reason=*')).toEqual({ deleted: 2, next: null })
    expect(await count('quarantine')).toBe(0)
  })
})

describe('a body that is not UTF-8', () => {
  const name = (text: string) => JSON.stringify({ externalCustomerId: text, contactId: 1 })
  const isMatch = (subject: DataSubject) =>
    subject.identifiers.some(({ value }) => value === 'Олена')
  const asBytes = (text: string) => Buffer.from(text).toString('latin1')

  it('loses erased contacts, and keeps every byte of the others', () => {
    const other = '{"a":"\\u0416 \xff"}'
    const sent = `[${asBytes(name('Олена'))} , ${other},${asBytes(name('Інша'))}]`
    const left = `[${other},${asBytes(name('Інша'))}]`
    expect(redact('bodyBytes', sent, isMatch)).toBe(left)
    expect(redact('bodyBytes', left, isMatch)).toBe(left)
  })

  it('is deleted as a whole if it mentions them and cannot be read', () => {
    expect(redact('bodyBytes', `[${asBytes(name('Олена'))},{"a":`, isMatch)).toBeNull()
  })
})

describe('the token', () => {
  const changing = [
    ['POST', '/quarantine/replay'],
    ['POST', '/quarantine/r.0/replay'],
    ['DELETE', '/quarantine?reason=why'],
    ['DELETE', '/quarantine/r.0'],
  ] as const

  it.each(changing)('for %s %s is OPERATE_TOKEN only, if that is set', async (method, path) => {
    await quarantined({ sent: '1', request: 'r' })
    const changed = { OPERATE_TOKEN: 'operate-token-for-tests' }
    for (const token of ['read-token-for-tests', 'wrong', '']) {
      expect((await operate(method, path, changed, token)).status).toBe(401)
    }
    expect(await count('quarantine')).toBe(1)
    expect((await operate(method, path, changed, 'operate-token-for-tests')).status).toBe(200)
  })

  it.each(changing)('for %s %s has to be valid', async (method, path) => {
    expect((await operate(method, path, {}, 'wrong')).status).toBe(401)
  })

  it('for reading is the read token', async () => {
    expect((await read('/quarantine')).status).toBe(200)
    expect((await read('/quarantine', 'wrong')).status).toBe(401)
  })

  it.each([
    ['PUT', '/quarantine', 'GET, HEAD, DELETE'],
    ['POST', '/quarantine', 'GET, HEAD, DELETE'],
    ['POST', '/quarantine/r.0', 'GET, HEAD, DELETE'],
    ['GET', '/quarantine/replay', 'POST'],
    ['DELETE', '/quarantine/replay', 'POST'],
    ['GET', '/quarantine/r.0/replay', 'POST'],
  ])('does not allow other methods: %s %s', async (method, path, allow) => {
    const response = await operate(method, path)
    expect(response.status).toBe(405)
    expect(response.headers.get('Allow')).toBe(allow)
  })
})
