import { gunzipSync } from 'node:zlib'
import { parquetReadObjects } from 'hyparquet'
import { DAY_MS } from '../../src/event/clock.ts'
import { DOCUMENTED_STATUSES } from '../../src/event/certain.ts'
import { ActivityApi } from '../../src/simulator/activity-api.ts'
import { Random } from '../../src/simulator/random.ts'
import type { ShopEvent } from '../../src/simulator/shop/delivery.ts'
import { toElement, type ShopElement } from '../../src/simulator/shop/element.ts'
import { Shop } from '../../src/simulator/shop/shop.ts'
import { alike, pathOf, same } from './ask.ts'
import { inSpan, type Span } from './expected.ts'
import type { Question } from './question.ts'
import type { Filled } from './receiver.ts'
import { runSchedule } from './receiver.ts'

/** What identifies an event in every format. */
type Row = { occurredAt: number; activityStatus: string; iid: string }

const textOf = ({ occurredAt, activityStatus, iid }: Row) =>
  `${occurredAt} ${activityStatus} ${iid}`

function textsOf(events: readonly ShopEvent[]): string[] {
  return events
    .map(({ at, status, delivery }) =>
      textOf({ occurredAt: at, activityStatus: status, iid: delivery.iid }),
    )
    .sort()
}

/** A month in the archive, or all of the archive if it has less. */
function chooseMonth({ truth, keptSince }: Filled): Span {
  const first = Math.floor((truth.events[0]?.at ?? 0) / DAY_MS) * DAY_MS
  const date = new Date(keptSince)
  const monthBefore = (months: number) =>
    Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - months)
  if (monthBefore(2) < first) return { since: first, until: keptSince }
  return { since: monthBefore(2), until: monthBefore(1) }
}

function readCsv(text: string): Row[] {
  const [header = '', ...lines] = text.trim().split('\r\n')
  const names = header.split(',')
  const [time, status, iid] = ['occurredAt', 'activityStatus', 'iid'].map((name) =>
    names.indexOf(name),
  )
  return lines.map((line) => {
    const cells = splitCsv(line)
    return {
      occurredAt: Date.parse(cells[time ?? 0] ?? ''),
      activityStatus: cells[status ?? 0] ?? '',
      iid: cells[iid ?? 0] ?? '',
    }
  })
}

function splitCsv(line: string): string[] {
  return Array.from(line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g), ([, quoted, plain]) =>
    quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'),
  )
}

async function readParquet(file: ArrayBuffer): Promise<Row[]> {
  const columns = ['occurredAt', 'activityStatus', 'iid']
  const compressors = { GZIP: (bytes: Uint8Array) => gunzipSync(bytes) }
  const rows = await parquetReadObjects({ file, columns, compressors })
  return rows.map(({ occurredAt, activityStatus, iid }) => ({
    occurredAt: Number(occurredAt),
    activityStatus: String(activityStatus),
    iid: String(iid),
  }))
}

/** An element that is not as documented, and two that are not events. */
const ODD_BODY = JSON.stringify([
  {
    activityStatus: 'PAUSED',
    activityDateTime: new Date().toISOString().slice(0, 19),
    contactId: 1,
    mediaType: 'rcs',
    loyaltyTier: 'gold',
    broadcastId: { number: 5 },
  },
  { activityStatus: 'DELIVERED', contactId: 1 },
  'not an event',
])

export const ENGINEERS: readonly Question[] = [
  {
    id: 'E39',
    text: 'The whole of May as CSV, NDJSON, Parquet?',
    async check({ asker, filled }) {
      const { truth, keptSince, end } = filled
      const spans = [
        chooseMonth(filled),
        { since: Math.max(keptSince, end - 10 * DAY_MS), until: end },
      ]
      for (const span of spans) {
        const expected = textsOf(inSpan(truth, span))
        same(expected.length > 100, true, 'events in the period')
        const csv = readCsv(await asker.text(pathOf('/activity.csv', span)))
        same(csv.map(textOf).sort(), expected, 'CSV')
        const lines = (await asker.text(pathOf('/activity.ndjson', span))).trim().split('\n')
        const parsed = lines.map((line) => JSON.parse(line) as Row)
        same(parsed.map(textOf).sort(), expected, 'NDJSON')
        const parquet = await readParquet(await asker.bytes(pathOf('/activity.parquet', span)))
        same(parquet.map(textOf).sort(), expected, 'Parquet')
      }
    },
  },
  {
    id: 'E40',
    text: 'The history of contact C over two years?',
    async check({ asker, filled: { truth } }) {
      const groups = Map.groupBy(truth.events, ({ delivery }) => delivery.contact)
      const largest = [...groups].toSorted(([, a], [, b]) => b.length - a.length)
      for (const [{ contactId }, events] of [
        ...largest.slice(0, 3),
        ...largest.slice(-200, -197),
      ]) {
        const path = pathOf(`/contacts/${contactId}`, { limit: 500 })
        const found = await asker.list<Row>(path, 'activity')
        same(found.map(textOf).sort(), textsOf(events), path)
        const times = found.map(({ occurredAt }) => occurredAt)
        same(
          times,
          times.toSorted((a, b) => b - a),
          `${path}: newest first`,
        )
      }
    },
  },
]

/** Yespo's API, with what the webhook has reported of some days, and with something else. */
async function serveApi({ truth }: Filled, span: Span, lost: readonly ShopElement[]) {
  const api = new ActivityApi({ apiKey: API_KEY, random: new Random(1) })
  api.record(inSpan(truth, span).map(toElement))
  api.record(lost)
  return api.listen({ clock: Date.now })
}

const API_KEY = 'key-of-the-questions'
const COVERED_DAYS = 3

/** Some events of another shop, which the webhook never reported. */
function makeLost({ since, until }: Span): ShopElement[] {
  const shop = new Shop({ seed: 1_000, events: 300, contacts: 50, start: since, end: until })
  return [...shop.bodies()]
    .flat()
    .filter(({ event }) => event.at < until)
    .slice(0, 100)
}

type Coverage = { total: { both: number; webhookOnly: number; apiOnly: number } }

/** Asked after the others, as they store events that the simulation does not have. */
export const ODDITIES: readonly Question[] = [
  {
    id: 'E36',
    text: 'Did the webhook miss anything last month?',
    async check({ asker, filled }) {
      const span = { since: filled.end - COVERED_DAYS * DAY_MS, until: filled.end }
      const lost = makeLost(span)
      const api = await serveApi(filled, span, lost)
      try {
        await filled.restart({
          YESPO_API_KEY: API_KEY,
          YESPO_API_URL: api.url,
          YESPO_API_DAYS: String(COVERED_DAYS + 1),
        })
        await runSchedule(filled.server)
        const { total } = await asker.get<Coverage>(pathOf('/coverage', span))
        const both = inSpan(filled.truth, span).length
        alike(total, { both, webhookOnly: 0, apiOnly: lost.length }, 'coverage')
      } finally {
        await filled.restart({})
        await api.close()
      }
    },
  },
  {
    id: 'E37',
    text: 'Which parameters, statuses or types are new this week?',
    async check({ asker, filled }) {
      const { server } = filled
      await server.post([Buffer.from(ODD_BODY)])
      await server.untilConsumed()
      await runSchedule(server)
      const { problems } = await asker.get<{ problems: { name: string; message: string }[] }>(
        '/status',
      )
      const found = problems.filter(({ name }) => name.startsWith('unexpected'))
      const message = found.map((problem) => `${problem.name} ${problem.message}`).join(' ')
      const missing = ['PAUSED', 'rcs', 'loyaltyTier', 'broadcastId'].filter(
        (each) => !message.includes(each),
      )
      same(missing, [], `what ${message} leaves out`)
      const known = DOCUMENTED_STATUSES.filter((status) => message.includes(status))
      same(known, [], 'documented statuses')
    },
  },
  {
    id: 'E38',
    text: 'What is quarantined, and why?',
    async check({ asker }) {
      const items = await asker.list<{ reason: string }>('/quarantine?limit=100', 'quarantine')
      const reasons = items.map(({ reason }) => reason)
      same(
        reasons.toSorted(),
        ['activityDateTime is missing', 'the element is a string; an event is an object'],
        'reasons',
      )
    },
  },
]
