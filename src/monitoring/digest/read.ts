import type { CauseName } from '../../event/bounce/causes.ts'
import { DAY_MS, HOUR_MS } from '../../event/clock.ts'
import { listOffsetSpans } from '../../event/offset-spans.ts'
import { countSuppressions } from '../../db/derived/suppressions.ts'
import { countNewestReasons } from '../../db/quarantine/counts.ts'
import { countCauses } from '../../db/reports/bounce-causes.ts'
import { listBreakdown } from '../../db/reports/breakdown.ts'
import type { RateName } from '../../db/reports/rates.ts'
import { countByTime } from '../../db/reports/time-series.ts'
import { toFullHours } from '../../db/rollups/scan.ts'
import { readCoverage } from '../../db/sync/coverage.ts'
import { listRecorded, type SeenUnexpected } from '../../db/write/unexpected.ts'
import { toLimitedRates, type Thresholds } from '../../reports/rates.ts'
import { describeCause } from '../../language/causes.ts'
import { addUp, rate } from '../../sync/rate.ts'
import { nameChannel, quoteReason } from '../alerts/words.ts'
import type { Anomaly } from '../anomalies/detect.ts'
import { listAnomalies } from '../anomalies/watch.ts'
import { weeksBefore, type Week } from './week.ts'

/** What a channel did in a week: contacts, once per delivery. */
export type ChannelWeek = {
  attempted: number
  delivered: number
  rates: ReturnType<typeof toLimitedRates>
}

/** A channel in the week, the one before, and four weeks before. */
export type ChannelLine = {
  channel: string
  week: ChannelWeek
  before: ChannelWeek
  fourBefore: ChannelWeek
}

/** A message in the week. */
export type CampaignLine = {
  messageId: string
  /** Without anything that looks like personal data. */
  name: string
  attempted: number
  rates: ReturnType<typeof toLimitedRates>
}

/** Everything of a week that is worth knowing, without personal data. */
export type Digest = {
  week: Week
  channels: ChannelLine[]
  /** Messages with the highest rate of reads, and of bounces. */
  best: CampaignLine[]
  worst: CampaignLine[]
  suppressions: { reason: string; channel: string; count: number }[]
  causes: { cause: CauseName; title: string; events: number; before: number }[]
  anomalies: Anomaly[]
  quarantined: { items: number; reasons: { reason: string; items: number }[] }
  unexpected: SeenUnexpected[]
  /** The share of the events in Yespo's API that the webhook delivered; null if the API was not read. */
  coverage: { share: number; missed: number } | null
}

/** A campaign with fewer contacts says little. */
const MIN_ATTEMPTED = 100
const MAX_CAMPAIGNS = 3
const MAX_COUNTS = 5_000

/** @param zone of the week */
export async function readDigest(
  db: D1Database,
  week: Week,
  zone: string,
  thresholds: Thresholds,
): Promise<Digest> {
  const nothing = { attempted: 0, delivered: 0, rates: toLimitedRates([], thresholds) }
  const [before, fourBefore] = [weeksBefore(1, week, zone), weeksBefore(4, week, zone)]
  const [now, then, longAgo] = [
    await readChannels(db, week, zone, thresholds),
    await readChannels(db, before, zone, thresholds),
    await readChannels(db, fourBefore, zone, thresholds),
  ]
  const channels = [...now.keys()].map((channel) => ({
    channel,
    week: now.get(channel) ?? nothing,
    before: then.get(channel) ?? nothing,
    fourBefore: longAgo.get(channel) ?? nothing,
  }))
  const hours = toFullHours(week)
  const [causes, causesBefore] = [
    await countCauses(db, {}, hours),
    await countCauses(db, {}, toFullHours(before)),
  ]
  const { reasons } = await countNewestReasons(db)
  return {
    week,
    channels: channels.toSorted((one, other) => other.week.attempted - one.week.attempted),
    best: await listCampaigns(db, week, 'readWithoutMachines', thresholds),
    worst: await listCampaigns(db, week, 'hardBounced', thresholds),
    suppressions: (await countSuppressions(db, week)).map(({ reason, mediaType, count }) => ({
      reason,
      channel: nameChannel(mediaType),
      count,
    })),
    causes: causes.causes.map(({ cause, events }) => ({
      cause,
      title: describeCause(cause).title,
      events,
      before: causesBefore.causes.find((each) => each.cause === cause)?.events ?? 0,
    })),
    anomalies: await listAnomalies(db, zone, hours),
    quarantined: {
      items: reasons.reduce((sum, { items }) => sum + items, 0),
      reasons: reasons.map(({ reason, items }) => ({ reason: quoteReason(reason), items })),
    },
    unexpected: (await listRecorded(db, week.since)).filter(({ seenAt }) => seenAt < week.until),
    coverage: await findCoverage(db, week),
  }
}

async function readChannels(
  db: D1Database,
  { since, until }: Week,
  zone: string,
  thresholds: Thresholds,
): Promise<Map<string, ChannelWeek>> {
  const spans = listOffsetSpans(since, until, zone)
  const { counts } = await countByTime(db, 'mediaType', {}, spans, DAY_MS, MAX_COUNTS)
  const channels = Map.groupBy(counts, ({ key }) => nameChannel(key))
  return new Map(
    Array.from(channels, ([channel, rows]) => {
      const rates = toLimitedRates(rows, thresholds)
      const { undelivered, read } = rates
      const [attempted, delivered] = [undelivered.denominator, read.denominator]
      return [channel, { attempted, delivered, rates }]
    }),
  )
}

/** The messages with the highest rate, of those with enough contacts. */
async function listCampaigns(
  db: D1Database,
  { since, until }: Week,
  order: RateName,
  thresholds: Thresholds,
): Promise<CampaignLine[]> {
  const { groups } = await listBreakdown(db, {
    dimension: 'messageId',
    filter: {},
    period: { since, until },
    order,
    min: MIN_ATTEMPTED,
    limit: MAX_CAMPAIGNS,
    after: undefined,
  })
  return groups.flatMap(({ key, campaign, counts }) => {
    const rates = toLimitedRates(counts, thresholds)
    if (!rates[order].rate) return []
    const name = quoteReason(String(campaign.messageName ?? ''))
    return [{ messageId: key, name, attempted: rates.undelivered.denominator, rates }]
  })
}

async function findCoverage(db: D1Database, { since, until }: Week): Promise<Digest['coverage']> {
  const { lines } = await readCoverage(db, { since, until }, Math.max(HOUR_MS, until - since))
  const { share, apiOnly } = rate(addUp(lines))
  return share === null ? null : { share, missed: apiOnly }
}
