import { describe, expect, it } from 'vitest'
import { ActivityApi } from '../../src/simulator/activity-api.ts'
import { call, credentials, KEY } from './activity-reader.ts'
import { Random } from '../../src/simulator/random.ts'

const day = { dateFrom: '2026-01-05T00:00:00', dateTo: '2026-01-05T23:59:59' }

const open = () => new ActivityApi({ apiKey: KEY, random: new Random(1) })

describe('credentials', () => {
  it.each([
    ['no header', {}],
    ['another key', credentials('any', 'other')],
    ['the key as the user', credentials(KEY, '')],
    ['no user', credentials('', KEY)],
    ['another scheme', { Authorization: `Bearer ${KEY}` }],
  ])('are rejected with %s, with a body that is not JSON', async (_case, headers) => {
    const { status, body } = await call(open(), day, headers)
    expect(status).toBe(401)
    expect(() => JSON.parse(body)).toThrow(SyntaxError)
  })

  it('are accepted with any user name, in a header of any case', async () => {
    const { Authorization: authorization = '' } = credentials('someone@example.com', KEY)
    expect(await call(open(), day, { authorization })).toMatchObject({ status: 200, body: '[]' })
  })
})

it.each([
  [{ dateTo: day.dateTo }, 'dateFrom'],
  [{ ...day, dateTo: '2026-01-05' }, 'dateTo'],
  [{ ...day, dateTo: '2026-02-31T00:00:00' }, 'dateTo'],
  [{ dateFrom: day.dateTo, dateTo: day.dateFrom }, 'dateTo'],
  [{ ...day, maxrows: 0 }, 'maxrows'],
  [{ ...day, offset: 'far' }, 'offset'],
])('rejects %j', async (query, name) => {
  const { status, body } = await call(open(), query)
  expect([status, body]).toEqual([400, expect.stringMatching(`^${name} must`)])
})

it('only supports GET of one path', async () => {
  const request = { method: 'GET', url: 'https://example.com/api/v2/contact', headers: {} }
  expect((await open().respond(request)).status).toBe(404)
  const url = 'https://example.com/api/v2/contacts/activity'
  expect((await open().respond({ ...request, method: 'POST', url })).status).toBe(405)
})
