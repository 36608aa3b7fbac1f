import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { app } from '../../src/routes.ts'
import { erased } from '../erasure/erasing.ts'
import { buildEvent } from '../event.ts'
import { clearTables, list } from '../receiver.ts'
import { store } from '../store-events.ts'
import { visit } from '../visit.ts'

beforeEach(clearTables)

const withSms = (sms: string, contactId: number | null) =>
  buildEvent({ contactId, email: null, sms, mediaType: 'sms' })

async function read(path: string, PHONE_COUNTRY: string): Promise<unknown> {
  const headers = { Authorization: 'Bearer read-token-for-tests' }
  const response = await app.request(path, { headers }, { ...env, PHONE_COUNTRY })
  expect(response.status).toBe(200)
  return response.json()
}

async function find(sms: string, country = 'UA'): Promise<number[]> {
  const path = `/contacts?sms=${encodeURIComponent(sms)}`
  const found = (await read(path, country)) as { contacts: { contactId: number }[] }
  return found.contacts.map(({ contactId }) => contactId).sort()
}

describe('a phone number without its country code', () => {
  it.each(['067 123 10 01', '+38 (067) 123-10-01', '80671231001', '380671231001', '671231001'])(
    'finds contacts in any spelling: %s',
    async (sms) => {
      await store(
        withSms('380671231001', 1),
        withSms('067-123-10-01', 2),
        withSms('671231001', 3),
        withSms('380671231002', 4),
      )
      expect(await find(sms)).toEqual([1, 2, 3])
    },
  )

  it('is read as the setting says, whatever it was when the event came in', async () => {
    await store(withSms('600 123 456', 1), withSms('+48600123456', 2), withSms('380600123456', 3))
    expect(await find('600123456', 'PL')).toEqual([1, 2])
    expect(await find('+48 600 123 456', 'PL')).toEqual([1, 2])
    expect(await find('600123456', 'UA')).toEqual([1, 3])
    expect(await find('600123456', 'pl')).toEqual([1, 2])
    expect(await find('0600 123 456', 'not a country')).toEqual([1, 3])
  })

  it('filters events', async () => {
    await store(withSms('600 123 456', null), withSms('+48600123456', 2), withSms('48600123457', 3))
    const page = (await read('/activity?sms=600123456', 'PL')) as { activity: unknown[] }
    expect(page.activity).toHaveLength(2)
  })

  it('finds the contact on the page', async () => {
    await store(withSms('+48600123456', 7))
    const changed = { PHONE_COUNTRY: 'PL' } as unknown as Partial<Env>
    const response = await visit('/contact', { fields: { name: '600 123 456' }, changed })
    expect(response.headers.get('Location')).toBe('/contact/7')
  })
})

describe('an erasure', () => {
  const PL = { PHONE_COUNTRY: 'PL' }

  it.each(['/contacts?sms=600123456', '/contacts?sms=%2B48600123456', '/contacts/2'])(
    'of a contact includes events with another spelling of the number: %s',
    async (path) => {
      await store(
        withSms('+48600123456', 2),
        withSms('600 123 456', null),
        withSms('48600123457', 3),
      )
      await erased(path, PL)
      expect((await list()).activity.map(({ contactId }) => contactId)).toEqual([3])
      await store(withSms('600-123-456', null))
      expect((await list()).activity).toHaveLength(1)
    },
  )
})
