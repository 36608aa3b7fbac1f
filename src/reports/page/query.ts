import * as z from 'zod'
import { groupFields } from '../breakdown-page.ts'
import { perZone } from '../../http/query-fields.ts'
import { campaignFields, REPORTS, type ReportName } from '../api.ts'
import { isLinkable as canAddressAskFor, toQuery, type Query } from '../../web/link.ts'
import { periodFields, periodQuery, type Period } from '../../web/period.ts'

/** What the lines of the page can be about, by the names of reports, with what one is called. */
export const BY = {
  messages: 'Message',
  broadcasts: 'Broadcast',
  workflows: 'Workflow',
  channels: 'Channel',
  senders: 'Sender',
  tags: 'Tag',
} as const satisfies Record<ReportName, string>

const NAMES = Object.keys(BY) as [ReportName, ...ReportName[]]

/** What narrows the page to some campaigns. */
export const FILTERS = Object.values(REPORTS)

/** What `GET /campaigns` is asked for. @param zone of times without one */
export const campaignsQuery = perZone((zone) =>
  z.strictObject({
    by: z.enum(NAMES, { error: `has to be one of ${NAMES.join(', ')}` }).default('messages'),
    ...periodFields(zone),
    ...campaignFields(),
    ...groupFields(),
  }),
)

export type CampaignsQuery = z.output<ReturnType<typeof campaignsQuery>>

/** What a page of campaigns is about: what its links are made of. */
export type Asked = {
  by: ReportName
  sort: CampaignsQuery['sort']
  search: string | undefined
  /** By the names of an address: the filters alone, the period alone, and the whole page. */
  filters: Query
  time: Query
  page: Query
}

/** The parts of an address that links keep. What goes without saying is left out. */
export function toRequest(query: CampaignsQuery, period: Period): Asked {
  const { by, sort, search } = query
  const filters = toQuery(Object.fromEntries(FILTERS.map((name) => [name, query[name]])))
  const time = periodQuery(period)
  const page = {
    by: by === 'messages' ? undefined : by,
    ...time,
    ...filters,
    search,
    sort: sort === 'newest' ? undefined : sort,
  }
  return { by, sort, search, filters, time, page }
}

/** Whether an address can ask for a line. */
export function isLinkable(by: ReportName, key: string): boolean {
  return canAddressAskFor(key, by !== 'senders')
}
