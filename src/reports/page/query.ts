import * as z from 'zod'
import { groupFields } from '../breakdown-page.ts'
import { perZone } from '../../http/query-fields.ts'
import {
  DIMENSION_OF,
  DIMENSIONS,
  REPORT_NAMES,
  type Dimension,
  type ReportName,
} from '../../event/dimensions.ts'
import { FILTERS as PARAMETERS } from '../../event/parameters.ts'
import { campaignFields } from '../api.ts'
import { compareField } from '../comparison.ts'
import { isLinkable, toQuery, type Query } from '../../web/link.ts'
import { periodFields, periodQuery, type Period } from '../../web/period.ts'

/** The parameters that select campaigns. */
export const FILTERS = [...DIMENSION_OF.keys()]

/** The parameters of `GET /campaigns`. @param zone of times without one */
export const campaignsQuery = perZone((zone) =>
  z.strictObject({
    by: z
      .enum(REPORT_NAMES, { error: `must be one of ${REPORT_NAMES.join(', ')}` })
      .default('messages'),
    ...periodFields(zone),
    ...campaignFields(),
    ...groupFields(),
    compare: compareField(),
  }),
)

type CampaignsQuery = z.output<ReturnType<typeof campaignsQuery>>

/** The query of a page of campaigns, in the parts that links consist of. */
export type Request = {
  by: ReportName
  sort: CampaignsQuery['sort']
  search: string | undefined
  /** Parameters of URLs: those of the filters, of the period, and of the whole page. */
  filters: Query
  time: Query
  page: Query
}

/** Splits a query into its parts; defaults are left out of URLs. */
export function toRequest(query: CampaignsQuery, period: Period): Request {
  const { by, direction, min, search, compare } = query
  const sort = orderOf(query)
  const filters = toFilters(query)
  const time = periodQuery(period)
  const page = {
    by: by === 'messages' ? undefined : by,
    ...time,
    ...filters,
    search,
    sort: sort === 'newest' || sort === 'steps' ? undefined : sort,
    direction: direction === 'highest' ? undefined : direction,
    min: min === undefined ? undefined : String(min),
    compare,
  }
  return { by, sort, search, filters, time, page }
}

/** The filters of a query as parameters of a URL. */
export function toFilters(query: {
  [Name in Dimension]?: string | string[] | undefined
}): Query {
  return toQuery(Object.fromEntries(FILTERS.map((name) => [name, query[name]])))
}

/** The blocks of a workflow come first to last, unless another order is chosen. */
function orderOf({ by, sort, workflowId }: CampaignsQuery): CampaignsQuery['sort'] {
  if (sort !== 'newest' && sort !== 'steps') return sort
  return by === 'blocks' && workflowId !== undefined ? 'steps' : 'newest'
}

/** Whether a URL can select the events of a line. */
export function canSelect(by: ReportName, key: string): boolean {
  const { column } = DIMENSIONS[by]
  const isList = PARAMETERS.some(({ name, filter }) => name === column && filter === 'list')
  return isLinkable(key, isList)
}
