import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { listClicks } from '../../src/db/rollups/clicks.ts'
import { findMachines } from '../../src/event/machines.ts'
import { Random } from '../../src/simulator/random.ts'
import { buildEvent } from '../event.ts'
import { clearTables, read } from '../receiver.ts'
import { rollUpAll } from '../roll-up.ts'
import { countReads } from '../rows-read.ts'
import { store } from '../store-events.ts'

const [SECOND, HOUR] = [1_000, 3_600_000]
const START = Date.parse('2026-03-01T00:00Z')
const SHOP = 'https://shop.example.com'

type Event = Record<string, unknown>
type Share = { numerator: number; denominator: number; rate: number | null }
type Counts = { clicks: number; people: number; share: Share }
type Line = Counts & { url?: string; value?: string; withoutMachines: Counts }
type Report = {
  report: Line[]
  clickers: object
  next: string | null
  rolledUp: object
  period: object
}

beforeEach(clearTables)

async function readReport(path: string): Promise<Report> {
  const response = await read(`/reports/${path}`)
  expect([response.status, response.ok ? '' : await response.text()]).toEqual([200, ''])
  return response.json()
}

const at = (time: number, changes: Event = {}) =>
  buildEvent({ activityDateTime: new Date(START + time).toISOString().slice(0, 19), ...changes })

const click = (time: number, clickEventLink: string, changes: Event = {}) =>
  at(time, { activityStatus: 'CLICKED', clickEventLink, ...changes })

const share = (numerator: number, denominator: number) => ({
  numerator,
  denominator,
  rate: denominator === 0 ? null : expect.closeTo(numerator / denominator, 4),
  incomplete: false,
})

/** Deliveries with clicks of people and machines, some of them in two hours. */
function makeEvents(seed: number): Event[] {
  const random = new Random(seed)
  const events: Event[] = []
  for (let delivery = 0; delivery < 60; delivery++) {
    const sent = {
      iid: random.uuid(),
      contactId: random.chance(0.05) ? null : random.between(1, 20),
      messageId: random.between(1, 3),
    }
    const begin = random.between(0, 6 * 3_600) * SECOND
    const link = () =>
      `${SHOP}/${random.between(1, 5)}?utm_source=s${random.between(1, 2)}&utm_content=c${random.between(1, 3)}`
    events.push(at(begin, { ...sent, activityStatus: 'DELIVERED' }))
    if (random.chance(0.4)) {
      for (const page of [1, 2, 3, 4]) {
        const time = begin + random.between(20, 22) * SECOND
        events.push(click(time, `${SHOP}/${page}?utm_source=s1&utm_content=c${page}`, sent))
      }
    }
    for (let count = random.between(0, 4); count > 0; count--) {
      events.push(click(begin + random.between(60, 7_200) * SECOND, link(), sent))
    }
  }
  return events
}

/** Counts as with pencil and paper. @param nameOf the link or value of a click */
function countPlainly(events: Event[], nameOf: (link: URL) => string | null) {
  const lines = new Map<string, number[]>()
  let [all, human] = [0, 0]
  const deliveries = Map.groupBy(events, ({ iid }) => iid)
  for (const own of deliveries.values()) {
    const sorted = own
      .map((event) => ({ ...event, occurredAt: Date.parse(`${event['activityDateTime']}Z`) }))
      .toSorted((a, b) => a.occurredAt - b.occurredAt) as (Event & {
      occurredAt: number
      activityStatus: string
      clickEventLink: string
      contactId: number | null
    })[]
    const machines = findMachines(sorted)
    const clicks = sorted.flatMap((event, index) =>
      event.activityStatus === 'CLICKED'
        ? [{ ...event, isMachine: event.contactId !== null && machines.has(index) }]
        : [],
    )
    if (clicks.some(({ contactId }) => contactId !== null)) {
      all++
      if (clicks.some(({ isMachine }) => !isMachine)) human++
    }
    const byName = Map.groupBy(clicks, ({ clickEventLink }) => nameOf(new URL(clickEventLink)))
    for (const [name, named] of byName) {
      if (name === null) continue
      const people = named.filter(({ isMachine }) => !isMachine)
      const counts = [
        named.length,
        Number(named[0]?.contactId !== null),
        people.length,
        Number(people.length > 0 && people[0]?.contactId !== null),
      ]
      lines.set(
        name,
        counts.map((count, index) => count + (lines.get(name)?.[index] ?? 0)),
      )
    }
  }
  return { lines, all, human }
}

describe('GET /reports/links and /reports/utm', () => {
  it.each([1, 2, 3])('agree with plain counting (seed %i)', async (seed) => {
    const events = makeEvents(seed)
    await store(...events)
    await rollUpAll(undefined, 50)
    for (const messageId of [undefined, 2]) {
      const own = events.filter(
        (event) => messageId === undefined || event['messageId'] === messageId,
      )
      const filter = messageId === undefined ? '' : `&messageId=${messageId}`
      const reports = [
        ['links?limit=100', 'url', (link: URL) => `${link.origin}${link.pathname}`],
        ['utm?name=source', 'value', (link: URL) => link.searchParams.get('utm_source')],
        ['utm?name=content', 'value', (link: URL) => link.searchParams.get('utm_content')],
      ] as const
      for (const [path, key, nameOf] of reports) {
        const { lines, all, human } = countPlainly(own, nameOf)
        const found = await readReport(`${path}${filter}`)
        expect(found.clickers).toEqual({ people: all, withoutMachines: human })
        expect(found.report.toSorted((a, b) => (String(a[key]) < String(b[key]) ? -1 : 1))).toEqual(
          [...lines].toSorted().map(([name, [clicks, people, humanClicks, humanPeople]]) => ({
            [key]: name,
            clicks,
            people,
            share: share(people ?? 0, all),
            withoutMachines: {
              clicks: humanClicks,
              people: humanPeople,
              share: share(humanPeople ?? 0, human),
            },
          })),
        )
      }
    }
  })

  it('takes links with and without tracking parameters for one', async () => {
    await store(
      click(0, `${SHOP}/sale?utm_source=yespo`),
      click(1, `${SHOP}/sale?gclid=x#`),
      click(2, `${SHOP}/sale`),
    )
    await rollUpAll()
    const { report } = await readReport('links')
    expect(report).toMatchObject([{ url: `${SHOP}/sale`, clicks: 3, people: 3 }])
  })

  it('sorts, searches and has pages', async () => {
    const sent = { iid: 'one' }
    await store(
      ...[1, 2, 3].map((time) => click(time * 60_000, `${SHOP}/often`, sent)),
      ...[1, 2].map((time) => click(time, `${SHOP}/Many`)),
      click(0, `${SHOP}/rare`),
    )
    await rollUpAll()
    const urls = async (path: string) => (await readReport(path)).report.map(({ url }) => url)
    expect((await urls('links'))[0]).toBe(`${SHOP}/Many`)
    expect((await urls('links?sort=clicks'))[0]).toBe(`${SHOP}/often`)
    expect(await urls('links?search=many')).toEqual([`${SHOP}/Many`])
    const first = await readReport('links?sort=clicks&limit=2')
    const second = await readReport(`links?sort=clicks&limit=2&cursor=${first.next}`)
    expect([...first.report, ...second.report].map(({ url }) => url)).toEqual([
      `${SHOP}/often`,
      `${SHOP}/Many`,
      `${SHOP}/rare`,
    ])
    expect(second.next).toBeNull()
  })

  it('has pages of values with any characters', async () => {
    const values = ['a.b', 'й 1', '"', '50.1', '…']
    await store(
      ...values.map((value) => click(0, `${SHOP}/?utm_term=${encodeURIComponent(value)}`)),
    )
    await rollUpAll()
    const found: unknown[] = []
    let cursor = ''
    for (let page = 0; page < values.length; page++) {
      const { report, next } = await readReport(`utm?name=term&limit=1${cursor}`)
      found.push(...report.map(({ value }) => value))
      cursor = `&cursor=${encodeURIComponent(String(next))}`
    }
    expect(found.toSorted()).toEqual(values.toSorted())
  })

  it('counts full hours, and says how far it is', async () => {
    await store(click(0, `${SHOP}/a`), click(HOUR, `${SHOP}/b`))
    await rollUpAll()
    const since = new Date(START + 90 * 60_000).toISOString()
    const { report, period, rolledUp } = await readReport(`links?since=${since}`)
    expect(report.map(({ url }) => url)).toEqual([`${SHOP}/b`])
    expect(period).toEqual({ since: START + HOUR, until: null })
    expect(rolledUp).toMatchObject({ until: expect.any(Number), open: 0 })
  })

  it('does not compare with clicks in hours that are not counted yet', async () => {
    await store(click(0, `${SHOP}/a`), click(5 * HOUR, `${SHOP}/a`))
    await rollUpAll(START + 2 * HOUR)
    const { report, clickers } = await readReport('links')
    expect(clickers).toEqual({ people: 1, withoutMachines: 1 })
    expect(report[0]?.share.rate).toBe(1)
  })

  it('is empty before anything was clicked', async () => {
    expect(await readReport('links')).toMatchObject({ report: [], next: null })
  })

  it.each(['links?sort=x', 'links?cursor=x', 'utm?name=id', 'links?limit=1000'])(
    'rejects %s',
    async (path) => {
      expect((await read(`/reports/${path}`)).status).toBe(400)
    },
  )
})

it('reads the rows of a kind of rollup, and no others', async () => {
  for (let hour = 0; hour < 20; hour++) await store(click(hour * HOUR, `${SHOP}/${hour}`))
  await rollUpAll()
  const { db, rowsRead } = countReads(env.DB)
  await listClicks(db, {
    target: 'link',
    filter: {},
    period: { since: START, until: START + 10 * HOUR },
    order: 'people',
    search: undefined,
    limit: 5,
    after: undefined,
  })
  expect(rowsRead()).toBeLessThan(100)
})
