import * as z from 'zod'
import { UTM_NAMES } from '../event/link.ts'
import {
  CLICK_ORDERS,
  countClickers,
  listClicks,
  type ClickCursor,
  type ClickLine,
  type ClickOrder,
  type ClickTarget,
} from '../db/rollups/clicks.ts'
import { readRollupState } from '../db/rollups/hours.ts'
import { toFullHours } from '../db/rollups/scan.ts'
import { divide } from '../db/reports/rates.ts'
import type { CampaignFilter, Period } from '../db/reports/totals.ts'
import { defineEndpoint, lazily } from '../http/endpoint.ts'
import { cursorOf, limit, period, perZone, searched } from '../http/query-fields.ts'
import { nextPage } from '../http/response-fields.ts'
import {
  campaignFields,
  describePeriod,
  periodSchema,
  scannedSchema,
  toCampaignFilter,
  toPeriod,
} from './api.ts'
import { rateSchema } from './rates.ts'
import { describeRolledUp, ROLLED_UP, rolledUpSchema } from './rolled-up.ts'

const ORDERS = Object.keys(CLICK_ORDERS) as [ClickOrder, ...ClickOrder[]]

const clickCursor = cursorOf(/^(-?\d{1,15})\.(.*)$/s, ([volume, key = '']): ClickCursor => ({
  volume: Number(volume),
  key,
}))

/** The query parameters of a report of clicks. @param zone of times without one */
export function clickFields(zone: string) {
  return {
    ...period(zone),
    ...campaignFields(),
    sort: z
      .enum(ORDERS, { error: `must be one of ${ORDERS.join(', ')}` })
      .default('people')
      .meta({ description: 'Largest first.' }),
    search: searched.optional().meta({
      description: 'Lines with this text, in any case of Latin letters.',
    }),
    limit: limit(200, 20),
    cursor: clickCursor.optional().meta({ description: 'The `next` of the previous page.' }),
  }
}

const linksQuery = perZone((zone) => z.strictObject(clickFields(zone)))

const utmQuery = perZone((zone) =>
  z.strictObject({
    name: z
      .enum(UTM_NAMES, { error: `must be one of ${UTM_NAMES.join(', ')}` })
      .default('source')
      .meta({ description: 'The UTM parameter, without `utm_`.' }),
    ...clickFields(zone),
  }),
)

function countFields() {
  const clicks = z.int().meta({ description: 'All clicks.' })
  const people = z.int().meta({
    description: 'Contacts, counted once per delivery: at their first click on it.',
  })
  const share = rateSchema().meta({
    description: 'These people, out of the people who clicked anything.',
  })
  return {
    clicks,
    people,
    share,
    withoutMachines: z
      .strictObject({ clicks, people, share })
      .meta({ description: 'The same without the clicks of machines.' }),
  }
}

function reportFields() {
  const clickers = z.strictObject({ people: z.int(), withoutMachines: z.int() })
  return {
    period: periodSchema(),
    rolledUp: rolledUpSchema(),
    clickers: clickers.meta({
      description: 'People who clicked anything, counted once per delivery.',
    }),
    scanned: scannedSchema(),
    next: nextPage(),
  }
}

const linksSchema = lazily(() => {
  const url = z.string().meta({
    description:
      'The link without tracking parameters; an ellipsis stands for what looks like personal data or a token.',
  })
  return z
    .strictObject({
      report: z.array(z.strictObject({ url, ...countFields() })),
      ...reportFields(),
    })
    .meta({ id: 'LinksReport' })
})

const utmSchema = lazily(() =>
  z
    .strictObject({
      report: z.array(z.strictObject({ value: z.string(), ...countFields() })),
      ...reportFields(),
    })
    .meta({ id: 'UtmReport' }),
)

const showLinks = defineEndpoint({
  method: 'get',
  path: '/reports/links',
  access: 'readToken',
  operationId: 'linksReport',
  tag: 'Reports',
  summary: 'Clicks by link',
  description: `A line for each link, the same with and without tracking parameters. ${ROLLED_UP}`,
  query: linksQuery,
  response: linksSchema,
  async handle({ env, query }) {
    const { lines, ...report } = await findClicks(
      env.DB,
      'link',
      toCampaignFilter(query),
      toPeriod(query),
      query,
    )
    return { report: lines.map(({ name: url, ...counts }) => ({ url, ...counts })), ...report }
  },
})

const showUtm = defineEndpoint({
  method: 'get',
  path: '/reports/utm',
  access: 'readToken',
  operationId: 'utmReport',
  tag: 'Reports',
  summary: 'Clicks by UTM parameter',
  description: `A line for each value of a UTM parameter in the links that were clicked. ${ROLLED_UP}`,
  query: utmQuery,
  response: utmSchema,
  async handle({ env, query }) {
    const { lines, ...report } = await findClicks(
      env.DB,
      query.name,
      toCampaignFilter(query),
      toPeriod(query),
      query,
    )
    return { report: lines.map(({ name: value, ...counts }) => ({ value, ...counts })), ...report }
  },
})

export const clickEndpoints = [showLinks, showUtm]

type Choice = {
  sort: ClickOrder
  limit: number
  search?: string | undefined
  cursor?: ClickCursor | undefined
}

/** A page of links or UTM values, with their shares. */
export async function findClicks(
  db: D1Database,
  target: ClickTarget,
  filter: CampaignFilter,
  period: Period,
  { sort, search, limit: lines, cursor }: Choice,
) {
  const counted = toFullHours(period)
  const [page, state] = await Promise.all([
    listClicks(db, {
      target,
      filter,
      period: counted,
      order: sort,
      search,
      limit: lines,
      after: cursor,
    }),
    readRollupState(db),
  ])
  const clickers = await countRolledUp(db, filter, counted, state.until)
  return {
    period: describePeriod(counted),
    rolledUp: describeRolledUp(state),
    clickers: { people: clickers.people, withoutMachines: clickers.people - clickers.machines },
    lines: page.lines.map((line) => toLine(line, clickers)),
    scanned: { rows: page.rowsScanned, complete: page.complete },
    next: page.next && `${page.next.volume}.${page.next.key}`,
  }
}

/** A link or a UTM value with its share. */
export type ClickReportLine = ReturnType<typeof toLine>

type Clickers = Awaited<ReturnType<typeof countClickers>>

/** The people who clicked in the hours whose links are counted. */
async function countRolledUp(
  db: D1Database,
  filter: CampaignFilter,
  { since, until }: Period,
  rolledUpUntil: number | null,
): Promise<Clickers> {
  const end = Math.min(until, rolledUpUntil ?? since)
  return end > since ? countClickers(db, filter, { since, until: end }) : { people: 0, machines: 0 }
}

/** A line of a report, with its share of the people who clicked anything. */
function toLine(line: ClickLine, clickers: Clickers) {
  const { name, clicks, people, machineClicks, machinePeople } = line
  const [human, humanClickers] = [people - machinePeople, clickers.people - clickers.machines]
  return {
    name,
    clicks,
    people,
    share: divide(people, clickers.people),
    withoutMachines: {
      clicks: clicks - machineClicks,
      people: human,
      share: divide(human, humanClickers),
    },
  }
}
