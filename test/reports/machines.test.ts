import { beforeEach, describe, expect, it } from 'vitest'
import { buildEvent } from '../event.ts'
import { clearTables, read } from '../receiver.ts'
import { rollUpAll } from '../roll-up.ts'
import { store } from '../store-events.ts'
import { visit } from '../visit.ts'

const START = Date.UTC(2024, 0, 1, 12)

beforeEach(clearTables)

const at = (second: number, activityStatus: string, changes: object = {}) =>
  buildEvent({
    activityDateTime: new Date(START + second * 1_000).toISOString().slice(0, 19),
    activityStatus,
    ...changes,
  })

/** A delivery of which a machine opens three links at once; and a person, if they do, minutes later. */
function scanned(contactId: number, personAt?: number) {
  const of = { contactId, iid: `delivery ${contactId}` }
  const click = (second: number, path: string) =>
    at(second, 'CLICKED', { ...of, clickEventLink: `https://shop.example.com/${path}` })
  return [
    at(0, 'DELIVERED', of),
    at(30, 'READ', of),
    ...['a', 'b', 'c'].map((path) => click(30, path)),
    ...(personAt === undefined ? [] : [at(personAt, 'READ', of), click(personAt + 5, 'a')]),
  ]
}

const person = (contactId: number) =>
  ['DELIVERED', 'READ', 'CLICKED'].map((status, index) =>
    at(100 * index, status, { contactId, iid: `delivery ${contactId}` }),
  )

async function readLine(path: string): Promise<unknown> {
  const { report, totals } = await (
    await read(`/reports/${path}`)
  ).json<Record<string, unknown[]>>()
  return (report ?? totals)?.[0]
}

describe('without machines', () => {
  beforeEach(async () => {
    await store(...scanned(1), ...scanned(2, 1_000), ...person(3))
    await rollUpAll()
  })

  it('people count who also did it themselves', async () => {
    expect(await readLine('messages')).toMatchObject({
      read: { events: 4, contacts: 3, withoutMachines: { events: 2, contacts: 2 } },
      clicked: { events: 8, contacts: 3, withoutMachines: { events: 2, contacts: 2 } },
      rates: {
        read: { numerator: 3, denominator: 3, rate: 1 },
        readWithoutMachines: { numerator: 2, denominator: 3, rate: 0.6667 },
        clickedWithoutMachines: { numerator: 2, denominator: 3, rate: 0.6667 },
      },
    })
  })

  it('people count in the quarter in which they did it', async () => {
    const quarter = (index: number) =>
      readLine(`channels?since=${START + index * 900_000}&until=${START + (index + 1) * 900_000}`)
    expect(await quarter(0)).toMatchObject({
      read: { events: 3, contacts: 3, withoutMachines: { events: 1, contacts: 1 } },
    })
    expect(await quarter(1)).toMatchObject({
      read: { events: 1, contacts: 0, withoutMachines: { events: 1, contacts: 1 } },
    })
  })

  it('nothing else changes: events, bounces and other statuses', async () => {
    const day = 'by=day&since=2024-01-01&until=2024-01-02'
    expect(await readLine(`totals?${day}`)).toMatchObject({
      delivered: { events: 3, contacts: 3 },
      clicked: { events: 8, contacts: 3, withoutMachines: { events: 2, contacts: 2 } },
      undelivered: { events: 0, contacts: 0, hard: { events: 0 }, soft: { events: 0 } },
      others: {},
    })
    const page = await (await visit('/?since=2024-01-01&until=2024-01-02&as=table')).text()
    expect(page).toContain('>8</a>')
  })

  it('messages are sorted by what people did', async () => {
    const more = [4, 5, 6].flatMap((contactId) =>
      scanned(contactId).map((event) => ({ ...event, messageId: 7 })),
    )
    await store(...more)
    await rollUpAll()
    expect(await readLine('messages?sort=clicked')).toMatchObject({
      rates: { clicked: { rate: 1 } },
    })
    for (const sort of ['readWithoutMachines', 'clickedWithoutMachines']) {
      expect(await readLine(`messages?sort=${sort}&direction=lowest`)).toMatchObject({
        messageId: 7,
        rates: { [sort]: { numerator: 0, denominator: 3 } },
      })
    }
  })

  it('the page shows both', async () => {
    const page = await (await visit('/campaigns?since=2024-01-01&until=2024-01-02')).text()
    const [lines, total] = page.split('<tfoot>')
    for (const part of [lines, total]) expect(part?.match(/2 without machines/g)).toHaveLength(2)
  })
})
