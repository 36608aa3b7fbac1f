import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { rebuild } from '../../src/db/derived/rebuild.ts'
import { buildEvent } from '../event.ts'
import { read } from '../receiver.ts'
import { store } from '../store-events.ts'

type Rate = { numerator: number; denominator: number; rate: number | null; incomplete: boolean }
type Rates = Record<string, Rate>

async function readRates(query = ''): Promise<Rates> {
  const response = await read(`/reports/messages?${query}`)
  const { report } = await response.json<{ report: { rates: Rates }[] }>()
  return report[0]?.rates ?? {}
}

const at = (minute: number, changes: object = {}) => ({
  activityDateTime: new Date(Date.UTC(2024, 0, 1, 12, minute)).toISOString().slice(0, 19),
  ...changes,
})

/** Builds the events of deliveries, each given as a text: its letters are statuses, in order of time. */
function buildDeliveries(...deliveries: string[]): object[] {
  const kinds = {
    D: { activityStatus: 'DELIVERED' },
    R: { activityStatus: 'READ' },
    C: { activityStatus: 'CLICKED' },
    H: { activityStatus: 'UNDELIVERED', hardBounce: true },
    S: { activityStatus: 'UNDELIVERED', hardBounce: false },
    U: { activityStatus: 'UNDELIVERED', hardBounce: null },
    X: { activityStatus: 'SPAM' },
    N: { activityStatus: 'UNSUBSCRIBED' },
  }
  return deliveries.flatMap((letters, index) =>
    Array.from(letters, (letter, minute) =>
      buildEvent({
        iid: `delivery ${index}`,
        contactId: index + 1,
        ...at(minute, kinds[letter as keyof typeof kinds]),
      }),
    ),
  )
}

const rate = (numerator: number, denominator: number) => ({
  numerator,
  denominator,
  rate: Math.round((numerator / denominator) * 10_000) / 10_000,
  incomplete: false,
})
const none = { numerator: 0, denominator: 0, rate: null, incomplete: false }
const missing = (numerator: number, denominator: number) => ({
  numerator,
  denominator,
  rate: null,
  incomplete: true,
})

const CASES: [what: string, deliveries: string[], rates: Rates][] = [
  ['only bounces', ['H', 'H', 'H'], { hardBounced: rate(3, 3), undelivered: rate(3, 3) }],
  ['only bounces', ['H', 'H', 'H'], { read: none, spam: none }],
  ['one of four that bounced', ['D', 'D', 'D', 'H'], { hardBounced: rate(1, 4) }],
  ['a bounce after the delivery', ['D', 'D', 'D', 'DH'], { hardBounced: rate(1, 4) }],
  ['a delivery after a soft bounce', ['D', 'SD'], { undelivered: rate(1, 2) }],
  ['all that was delivered and bounced', ['DH', 'DH'], { hardBounced: rate(2, 2) }],
  [
    'all that bounced and was delivered',
    ['SD', 'SD'],
    { undelivered: rate(2, 2), read: rate(0, 2) },
  ],
  [
    'soft, then hard, of one delivery',
    ['SH', 'D'],
    { hardBounced: rate(1, 2), undelivered: rate(1, 2) },
  ],
  ['many tries of one delivery', ['SSSSD', 'D', 'D'], { undelivered: rate(1, 3) }],
  [
    'delivered, bounced, delivered again',
    ['DHD', 'D'],
    { hardBounced: rate(1, 2), read: rate(0, 2) },
  ],
  [
    'a bounce that does not say which',
    ['U', 'D'],
    { undelivered: rate(1, 2), hardBounced: rate(0, 2) },
  ],
  ['soft bounces are no hard ones', ['S', 'S', 'D', 'D'], { hardBounced: rate(0, 4) }],
  ['readers of all', ['DR', 'DR', 'D'], { read: rate(2, 3), clicked: rate(0, 3) }],
  ['readers without a known delivery', ['R', 'R'], { read: missing(2, 0), hardBounced: none }],
  ['more readers than delivered', ['DR', 'R', 'R'], { read: missing(3, 1), clicked: rate(0, 1) }],
  ['clicks without a known delivery', ['C'], { clicked: missing(1, 0), read: none }],
  ['complaints without a known delivery', ['X', 'X', 'D'], { spam: missing(2, 1) }],
  ['a reader who bounced later', ['DRH'], { read: rate(1, 1), hardBounced: rate(1, 1) }],
  ['a reader of what bounced only', ['HR'], { read: missing(1, 0), hardBounced: rate(1, 1) }],
  [
    'unsubscribers',
    ['DN', 'D', 'D', 'D', 'H'],
    { unsubscribed: rate(1, 4), hardBounced: rate(1, 5) },
  ],
  [
    'complaints are of the delivered',
    ['DX', 'H', 'H'],
    { spam: rate(1, 1), undelivered: rate(2, 3) },
  ],
  ['everybody reads and clicks', ['DRC', 'DRC'], { read: rate(2, 2), clicked: rate(2, 2) }],
  ['repeated events', ['DDDD', 'HHHH'], { hardBounced: rate(1, 2) }],
]

describe('rates', () => {
  it.each(CASES)('%s: %j', async (_case, deliveries, rates) => {
    await store(...buildDeliveries(...deliveries))
    expect(await readRates()).toMatchObject(rates)
    expect(await readRates('sort=undelivered')).toMatchObject(rates)
  })

  it.each(CASES)(
    'do not depend on the order of arrival or a rebuild: %s: %j',
    async (_case, deliveries, rates) => {
      for (const event of buildDeliveries(...deliveries).reverse()) await store(event)
      expect(await readRates()).toMatchObject(rates)
      await rebuild(env.DB, undefined)
      expect(await readRates()).toMatchObject(rates)
    },
  )

  it('are never above 1, even if a period splits the events of a delivery', async () => {
    const deliveries = ['DRH', 'HDR', 'D', 'RRR', 'SXD', 'DCN', 'H']
    const events = buildDeliveries(...deliveries).map((event, index) => ({
      ...event,
      ...at(15 * (index % 5)),
    }))
    await store(...events)
    for (let from = 0; from < 75; from += 15) {
      for (let to = from + 15; to <= 75; to += 15) {
        const [since, until] = [from, to].map((minute) => Date.UTC(2024, 0, 1, 12, minute))
        const rates = await readRates(`since=${since}&until=${until}`)
        for (const each of Object.values(rates)) {
          expect(each.rate ?? 0).toBeLessThanOrEqual(1)
          expect(each.incomplete).toBe(each.numerator > each.denominator)
        }
      }
    }
  })

  it.each(['highest', 'lowest'])(
    'of hard bounces sort messages that were sent to enough contacts, the %s first, page by page',
    async (direction) => {
      const message = (messageId: number, letters: string) =>
        buildDeliveries(...letters.split('')).map((event) => ({
          ...event,
          messageId,
          iid: crypto.randomUUID(),
        }))
      await store(...message(1, 'HHHDDDDDDD'), ...message(2, 'HH'), ...message(3, 'HDDDDDDDDD'))
      await store(...message(4, 'HHHHDSSSSS'), ...message(5, 'RRRRRRRRRRR'))
      const found: number[] = []
      let cursor = ''
      do {
        const path = `sort=hardBounced&min=10&limit=1&direction=${direction}${cursor}`
        const response = await read(`/reports/messages?${path}`)
        const { report, next, scanned } = await response.json<{
          report: { messageId: number }[]
          next: string | null
          scanned: object
        }>()
        expect(scanned).toMatchObject({ complete: true })
        found.push(...report.map(({ messageId }) => messageId))
        cursor = next === null ? '' : `&cursor=${next}`
      } while (cursor !== '' && found.length < 9)
      expect(found).toEqual(direction === 'highest' ? [4, 1, 3] : [3, 1, 4])
    },
  )

  it.each(['min=5', 'min=-1&sort=read', 'min=x&sort=read', 'direction=up&sort=read'])(
    'cannot be chosen by %s',
    async (query) => {
      const response = await read(`/reports/messages?${query}`)
      expect(response.status).toBe(400)
      expect(await response.text()).toContain(query.split('=')[0])
    },
  )

  it('of bounces sort the worst campaign first, even if nothing was delivered', async () => {
    const message = (messageId: number, letters: string[]) =>
      buildDeliveries(...letters).map((event) => ({
        ...event,
        messageId,
        iid: crypto.randomUUID(),
      }))
    await store(
      ...message(1, ['D', 'D', 'H']),
      ...message(2, ['H', 'H']),
      ...message(3, ['R', 'R']),
    )
    const response = await read('/reports/messages?sort=undelivered')
    const { report } = await response.json<{ report: { messageId: number }[] }>()
    expect(report.map(({ messageId }) => messageId)).toEqual([2, 1, 3])
    const byReading = await (await read('/reports/messages?sort=read')).json<typeof report>()
    expect(JSON.stringify(byReading)).toMatch(/"messageId":1.*"messageId":[23].*"messageId":[23]/)
  })
})
