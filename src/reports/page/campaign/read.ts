import { DAY_MS, HOUR_MS } from '../../../event/clock.ts'
import { countCauses } from '../../../db/reports/bounce-causes.ts'
import { listBreakdown, readGroup, type Group } from '../../../db/reports/breakdown.ts'
import { listMessages } from '../../../db/reports/campaigns.ts'
import { countByTime } from '../../../db/reports/time-series.ts'
import type { CampaignFilter, Period } from '../../../db/reports/totals.ts'
import { countDelays } from '../../../db/rollups/delays.ts'
import { listProviders } from '../../../db/rollups/providers.ts'
import { toFullHours } from '../../../db/rollups/scan.ts'
import { ALWAYS, toPeriod } from '../../api.ts'
import { BUCKETS, chooseOffsetSpans, listBuckets, placeOf } from '../../buckets.ts'
import { findClicks } from '../../clicks.ts'
import { describeDelays } from '../../delays.ts'

const MAX_LINKS = 12
const MAX_SOURCES = 10
const MAX_PROVIDERS = 6
const MAX_LANGUAGES = 20
const MAX_OTHERS = 50
const MAX_COUNTS = 5_000

/** A longer period has its curve by day, and an even longer one has none. */
const MAX_HOURLY = 7 * DAY_MS
const MAX_DAILY = (BUCKETS.day.max - 2) * DAY_MS

/** People who read and clicked, in each hour or day. */
export type Curve = {
  by: 'hour' | 'day'
  /** UTC milliseconds. */
  starts: number[]
  read: number[]
  clicked: number[]
}

/** Everything that the page of a campaign shows. */
export type Campaign = Awaited<ReturnType<typeof readCampaign>>

/** A campaign over all time; undefined if there is none. @param filter that selects it */
export function findCampaign(
  db: D1Database,
  messageId: string,
  filter: CampaignFilter,
): Promise<Group | undefined> {
  return readGroup(db, { dimension: 'messageId', filter, period: ALWAYS }, messageId)
}

/** The period in which a campaign has events. */
export function lifeOf({ firstHour, lastHour }: Group): Period {
  return { since: firstHour, until: lastHour + HOUR_MS }
}

/** Reads the results of a campaign. @param life all of it @param chosen the period to count @param zone of its days */
export async function readCampaign(
  db: D1Database,
  life: Group,
  { filter, chosen, zone }: { filter: CampaignFilter; chosen: Period | undefined; zone: string },
) {
  const counted = toPeriod(chosen ?? lifeOf(life))
  const own = { ...filter, messageId: [life.key] }
  const scope = { dimension: 'messageId', filter: own, period: counted } as const
  const hours = toFullHours(counted)
  const providers = {
    filter: own,
    period: hours,
    order: 'largest',
    minVolume: 0,
    search: undefined,
    limit: MAX_PROVIDERS,
    after: undefined,
  } as const
  const [group, curve, links, sources, causes, mailboxes, delays, languages, others] =
    await Promise.all([
      chosen ? readGroup(db, scope, life.key) : life,
      readCurve(db, own, counted, zone),
      findClicks(db, 'link', own, counted, { sort: 'people', limit: MAX_LINKS }),
      findClicks(db, 'source', own, counted, { sort: 'people', limit: MAX_SOURCES }),
      countCauses(db, own, counted),
      listProviders(db, providers),
      countDelays(db, own, hours),
      listLanguages(db, own, counted),
      listOthers(db, life),
    ])
  return {
    group,
    counted,
    curve,
    links,
    sources,
    causes,
    providers: mailboxes,
    delays: describeDelays(delays),
    languages,
    others,
  }
}

async function readCurve(
  db: D1Database,
  filter: CampaignFilter,
  period: Period,
  zone: string,
): Promise<Curve | undefined> {
  const length = period.until - period.since
  if (length > MAX_DAILY) return undefined
  const by = length > MAX_HOURLY ? 'day' : 'hour'
  const spans = chooseOffsetSpans(by, period, zone)
  const statuses = ['READ', 'CLICKED']
  const { counts } = await countByTime(
    db,
    undefined,
    filter,
    spans,
    BUCKETS[by].ms,
    MAX_COUNTS,
    statuses,
  )
  const buckets = listBuckets(by, spans, zone)
  const places = Map.groupBy(counts, (count) => placeOf(by, count))
  const valuesOf = (status: string) =>
    buckets.map((bucket) =>
      (places.get(placeOf(by, bucket)) ?? [])
        .filter(({ activityStatus }) => activityStatus === status)
        .reduce((sum, { contacts }) => sum + contacts, 0),
    )
  return {
    by,
    starts: buckets.map(({ start }) => start),
    read: valuesOf('READ'),
    clicked: valuesOf('CLICKED'),
  }
}

function listLanguages(db: D1Database, filter: CampaignFilter, period: Period) {
  return listBreakdown(db, {
    dimension: 'messageLanguageCode',
    filter,
    period,
    order: 'largest',
    limit: MAX_LANGUAGES,
    after: undefined,
  })
}

/** Messages of the same channel to compare with, newest first. */
async function listOthers(db: D1Database, { key, campaign: { mediaType } }: Group) {
  const messages = await listMessages(db, mediaType === null ? null : String(mediaType), MAX_OTHERS)
  return messages.filter(({ messageId }) => messageId !== key)
}
