import { describe, expect, it } from 'vitest'
import { visit } from '../visit.ts'
import { buildEvent } from '../event.ts'
import { erased } from '../erasure/erasing.ts'
import { list, read } from '../receiver.ts'
import { store } from '../store-events.ts'

/** Whether a contact is found by an identifier: with a filter, by a lookup, and with the page's form. */
async function find(name: string, query: string, typed: string): Promise<unknown[]> {
  const { activity } = await list(`?${name}=${query}`)
  const { contacts } = await (
    await read(`/contacts?${name}=${query}`)
  ).json<{ contacts: { contactId: number }[] }>()
  const page = await visit('/contact', { fields: { name: typed } })
  return [
    activity.map(({ contactId }) => contactId),
    contacts.map(({ contactId }) => contactId),
    page.headers.get('Location'),
  ]
}

const FOUND = [[4711], [4711], '/contact/4711']

describe('a contact', () => {
  it.each([
    ['email', 'anna@example.com', 'ANNA@EXAMPLE.COM'],
    ['email', 'Anna@Example.com', 'anna@example.com'],
    ['email', ' anna@example.com', 'anna@example.com '],
    ['email', 'anna+shop@example.com', 'anna+shop@example.com'],
    ['email', 'Anna+Shop@Example.com', 'ANNA+SHOP@example.com'],
    ['email', 'Anna <anna@example.com>', 'anna@example.com'],
    ['email', 'anna@example.com', 'Anna Petrenko <anna@example.com>'],
    ['email', 'anna@example.com', 'mailto:anna@example.com'],
    ['email', 'anna@example.com', 'anna@example.com;'],
    ['email', 'анна@приклад.укр', 'анна@xn--80aikifvh.xn--j1amh'],
    ['email', 'АННА@xn--80aikifvh.xn--j1amh', 'анна@ПРИКЛАД.укр'],
    ['email', 'зоя-й@example.com', 'зоя-и\u0306@example.com'],
    ['email', 'anna@example.com\u200b', 'anna@example.com'],
    ['email', "o'neil@example.com", "O'Neil@example.com"],
    ['sms', '380950000903', '+380950000903'],
    ['sms', '+38 (095) 000-09-03', '380950000903'],
    ['sms', '00380950000903', '0950000903'],
    ['sms', '095 000 09 03', '+38 (095) 000-09-03'],
    ['sms', '80950000903', '380950000903'],
    ['sms', 380950000903, '00 380 95 000-09-03'],
    ['sms', '380950000903', '\u202a+380\u00a095\u00a0000\u00a009\u00a003\u202c'],
    ['sms', 'тел. 095-000-09-03', '380950000903'],
    ['externalCustomerId', 'C-7', ' C-7 '],
    ['externalCustomerId', 7, '7'],
    ['externalCustomerId', '007', '007'],
    ['externalCustomerId', 'a+b', 'a+b'],
    ['externalCustomerId', 'é-1', 'e\u0301-1'],
  ])('stored with the %s %j is found and erased by %j', async (name, stored, lookup) => {
    await store(
      buildEvent({ contactId: 4711, email: null, [name]: stored }),
      buildEvent({
        contactId: 4712,
        email: null,
        [name]: name === 'email' ? 'xanna@example.com' : `x${stored}`,
      }),
      buildEvent({ contactId: 4713, email: null }),
    )
    const query = encodeURIComponent(lookup)
    expect(await find(name, query, lookup)).toEqual(FOUND)
    // Typed or sent without percent-encoding.
    expect(await find(name, query.replaceAll('%2B', '+'), lookup.replaceAll('+', ' '))).toEqual(
      FOUND,
    )
    expect((await erased(`/contacts?${name}=${query}`)).contacts).toBe(1)
    const { activity } = await list()
    expect(activity.map(({ contactId }) => contactId).toSorted()).toEqual([4712, 4713])
  })

  it.each([
    ['email', 'anna@example.com', 'an.na@example.com'],
    ['email', 'anna@example.com', 'anna@example.com.ua'],
    ['email', 'anna@example.com', 'аnna@example.com'], // Cyrillic
    ['email', 'anna+shop@example.com', 'anna@example.com'],
    ['sms', '380950000903', '380950000904'],
    ['sms', '380950000903', '480950000903'],
    ['externalCustomerId', '7', '07'],
    ['externalCustomerId', 'C-7', 'c-7'],
  ])('with the %s %j is not mistaken for %j', async (name, stored, lookup) => {
    await store(buildEvent({ contactId: 4711, email: null, [name]: stored }))
    const query = encodeURIComponent(lookup)
    expect(await find(name, query, lookup)).toEqual([[], [], null])
    expect(await erased(`/contacts?${name}=${query}`)).toMatchObject({
      contacts: 0,
      message: expect.stringContaining(`No contact found with this ${name}.`),
      erasure: { state: 'finished' },
    })
    expect((await list()).activity).toHaveLength(1)
  })

  it('if unknown, is erased with a note that it is; if known, without', async () => {
    await store(buildEvent({ contactId: 4711 }))
    expect(await erased('/contacts/4712')).toMatchObject({
      contacts: 0,
      message: expect.stringMatching(/No contact found with this ID.*searched all the same/),
    })
    expect(await erased('/contacts/4711')).not.toHaveProperty('message')
  })
})

it.each([
  ['a list of one', { sms: ['+38 095 000 12 12'] }, 'sms', '0950001212'],
  ['a name in another case', { Email: 'er2@example.com' }, 'email', 'er2@example.com'],
  ['a list of one address', { email: ['arr@example.com'] }, 'email', 'arr@example.com'],
])(
  'a contact that is identified by %s is found and erased by it',
  async (_case, sent, name, lookup) => {
    await store(
      buildEvent({ contactId: 4711, email: null, ...sent }),
      buildEvent({ contactId: 4712 }),
    )
    const { contacts } = await (
      await read(`/contacts?${name}=${encodeURIComponent(lookup)}`)
    ).json<{ contacts: { contactId: number }[] }>()
    expect(contacts).toMatchObject([{ contactId: 4711 }])
    expect((await erased(`/contacts?${name}=${encodeURIComponent(lookup)}`)).contacts).toBe(1)
    expect((await list()).activity).toMatchObject([{ contactId: 4712 }])
  },
)
