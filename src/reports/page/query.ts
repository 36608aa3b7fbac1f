import * as z from 'zod'
import { groupFields } from '../breakdown-page.ts'
import { perZone } from '../../http/query-fields.ts'
import { campaignFields, REPORTS, type ReportName } from '../api.ts'
import { isLinkable, toQuery, type Query } from '../../web/link.ts'
import { periodFields, periodQuery, type Period } from '../../web/period.ts'

/** The reports of the page, with the name of one line. */
export const BY = {
  messages: 'Message',
  broadcasts: 'Broadcast',
  workflows: 'Workflow',
  channels: 'Channel',
  senders: 'Sender',
  tags: 'Tag',
} as const satisfies Record<ReportName, string>

const NAMES = Object.keys(BY) as [ReportName, ...ReportName[]]

/** The parameters that select campaigns. */
export const FILTERS = Object.values(REPORTS)

/** The parameters of `GET /campaigns`. @param zone of times without one */
export const campaignsQuery = perZone((zone) =>
  z.strictObject({
    by: z.enum(NAMES, { error: `must be one of ${NAMES.join(', ')}` }).default('messages'),
    ...periodFields(zone),
    ...campaignFields(),
    ...groupFields(),
  }),
)

type CampaignsQuery = z.output<ReturnType<typeof campaignsQuery>>

/** The query of a page of campaigns, in the parts that its links are made of. */
export type Request = {
  by: ReportName
  sort: CampaignsQuery['sort']
  search: string | undefined
  /** Parameters of URLs: the filters alone, the period alone, and the whole page. */
  filters: Query
  time: Query
  page: Query
}

/** Defaults are left out of URLs. */
export function toRequest(query: CampaignsQuery, period: Period): Request {
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

/** Whether a URL can select the events of a line. */
export function canSelect(by: ReportName, key: string): boolean {
  return isLinkable(key, by !== 'senders')
}
