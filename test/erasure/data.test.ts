import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { app } from '../../src/routes.ts'
import { buildEvent } from '../event.ts'
import { archive, readStored } from '../history/archiving.ts'
import { quarantined } from '../quarantine.ts'
import { clearTables, read } from '../receiver.ts'
import { store, storeText } from '../store-events.ts'
import { watchLog } from '../watch-log.ts'
import { erased } from './erasing.ts'

beforeEach(clearTables)

const log = watchLog()

type Sent = { sent: Record<string, unknown> | string | null }
type Data = {
  identifiers: Record<string, string[]>
  events: Sent[]
  eventsWithoutContact: Sent[]
  suppressions: Record<string, unknown>[]
  quarantine: Sent[]
  complete: true
}

async function download(contactId: number): Promise<Data> {
  const response = await read(`/contacts/${contactId}/data`)
  expect(response.status).toBe(200)
  expect(response.headers.get('Content-Disposition')).toBe(
    `attachment; filename="contact-${contactId}.json"`,
  )
  return response.json()
}

const ANNA = { contactId: 7, email: 'anna@example.com', sms: '380671231001' }
const BERT = { contactId: 8, email: 'bert@example.com' }

/** Events of two contacts, and without one; those of the first with another type than documented. */
const ANNAS = [
  buildEvent({ ...ANNA, messageName: 'One', unheardOf: { a: [1, 'ü'] } }),
  buildEvent({ ...ANNA, messageId: '17', activityStatus: 'UNSUBSCRIBED', hardBounce: 'no' }),
]
const NAMELESS = [
  buildEvent({ contactId: null, email: 'ANNA@example.com' }),
  buildEvent({ contactId: null, email: null, sms: '067 123 10 01', activityStatus: 'SPAM' }),
]
const OTHERS = [
  buildEvent({ ...BERT, activityStatus: 'SPAM' }),
  buildEvent({ contactId: null, email: 'bert@example.com' }),
]

const sentOf = (items: Sent[]) => items.map(({ sent }) => sent)
const withoutNulls = (events: Record<string, unknown>[]) =>
  events.map((event) =>
    Object.fromEntries(Object.entries(event).filter(([, value]) => value !== null)),
  )
/** What was sent, as the export has it: a null is not stored. */
const sorted = (events: unknown[]) =>
  events.map((event) => JSON.stringify(event, Object.keys(event as object).sort())).sort()

describe('the file of a contact', () => {
  const fill = () => store(...ANNAS, ...NAMELESS, ...OTHERS)

  it.each([0, 3, 6])('has every event as it was sent, with %i in the archive', async (archived) => {
    await fill()
    await archive((await readStored()).slice(0, archived))
    const { events, eventsWithoutContact, identifiers } = await download(7)
    expect(sorted(sentOf(events))).toEqual(sorted(withoutNulls(ANNAS)))
    expect(sorted(sentOf(eventsWithoutContact))).toEqual(sorted(withoutNulls(NAMELESS)))
    expect(identifiers).toEqual({ email: ['anna@example.com'], sms: ['380671231001'] })
  })

  it('has the suppressions and the quarantined items that an erasure would find', async () => {
    await fill()
    await quarantined({ sent: '{"activityStatus":7,"contactId":7}' })
    await quarantined({ sent: 'not JSON "email":"Anna@example.com"', kind: 'body' })
    await quarantined({ sent: '[{"contactId":7},{"contactId":8}]', kind: 'body' })
    await quarantined({ sent: '{"activityStatus":7,"contactId":8}' })
    const { suppressions, quarantine, complete } = await download(7)
    expect(suppressions.map(({ reason }) => reason).sort()).toEqual(['SPAM', 'UNSUBSCRIBED'])
    expect(sentOf(quarantine)).toEqual([
      '{"activityStatus":7,"contactId":7}',
      'not JSON "email":"Anna@example.com"',
      null,
    ])
    expect(complete).toBe(true)
    const text = JSON.stringify(await download(7))
    expect(text).not.toMatch(/bert|"contactId":8/)
  })

  it('has every page of many events, and every digit', async () => {
    const many = Array.from({ length: 1_200 }, () => buildEvent(ANNA))
    await store(...many)
    await storeText(
      JSON.stringify([buildEvent({ ...ANNA, number: 1 })]).replace(
        '"number":1',
        '"number":12345678901234567890',
      ),
    )
    const text = await (await read('/contacts/7/data')).text()
    expect(text).toContain('"number":12345678901234567890')
    expect((JSON.parse(text) as Data).events).toHaveLength(1_201)
  })

  it('is gone after an erasure', async () => {
    await fill()
    await erased('/contacts/7')
    expect((await read('/contacts/7/data')).status).toBe(404)
    expect((await download(8)).events).toHaveLength(1)
  })

  it('never looks complete if it is not', async () => {
    await store(...ANNAS)
    const broken = {
      prepare(sql: string) {
        if (sql.includes('FROM suppressions')) throw new Error('down')
        return env.DB.prepare(sql)
      },
      batch: (statements: D1PreparedStatement[]) => env.DB.batch(statements),
    }
    const headers = { Authorization: 'Bearer read-token-for-tests' }
    const response = await app.request('/contacts/7/data', { headers }, { ...env, DB: broken })
    await expect(response.text()).rejects.toThrow()
    expect(log.lines.join()).toContain('export_aborted')
    expect(log.lines.join()).not.toContain('anna@example.com')
  })

  it('exists for known contacts only', async () => {
    expect((await read('/contacts/404/data')).status).toBe(404)
    expect((await read('/contacts/x/data')).status).toBe(404)
  })
})
