import { DIMENSIONS, type ReportName } from '../../event/dimensions.ts'
import { DAY_MS } from '../../event/clock.ts'
import type { Group } from '../../db/reports/breakdown.ts'
import { defineRate, type RateName } from '../../db/reports/rates.ts'
import { countByTime, type BucketCount } from '../../db/reports/time-series.ts'
import type { CampaignFilter, Period } from '../../db/reports/totals.ts'
import { formatNumber } from '../../language/format.ts'
import { NumberHead, Table } from '../../web/table.tsx'
import { chooseOffsetSpans, listBuckets } from '../buckets.ts'
import { toLimitedRates, type Thresholds } from '../rates.ts'
import { Share } from './line.tsx'
import { Name, nameOf } from './subject.tsx'

/** The most campaigns whose rates are shown side by side. */
export const MAX_COMPARED = 2

const MAX_DAYS = 62
const MAX_COUNTS = 10_000

const SHOWN: readonly [RateName, title: string][] = [
  ['read', 'Read'],
  ['readWithoutMachines', 'Read, without machines'],
  ['clicked', 'Clicked'],
  ['clickedWithoutMachines', 'Clicked, without machines'],
  ['hardBounced', 'Hard bounces'],
  ['spam', 'Spam'],
  ['unsubscribed', 'Unsubscribed'],
]

/** The rates of few campaigns, side by side: of the period, and day by day unless it is too long. */
export async function showRates(
  db: D1Database,
  groups: readonly Group[],
  {
    by,
    filter,
    period,
    zone,
    thresholds,
  }: {
    by: ReportName
    filter: CampaignFilter
    period: Period
    zone: string
    thresholds: Thresholds
  },
) {
  const names = groups.map(({ key, campaign }) => nameOf(by, key, campaign))
  const totals = groups.map(({ counts }) => toLimitedRates(counts, thresholds))
  return (
    <section>
      <h2>Rates</h2>
      <Table
        label="Rates side by side"
        heads={[
          'Rate',
          ...names.map((name) => (
            <NumberHead>
              <Name text={name} />
            </NumberHead>
          )),
        ]}
      >
        {SHOWN.map(([name, title]) => (
          <tr>
            <th scope="row" title={defineRate(name)}>
              {title}
            </th>
            {totals.map((rates) => (
              <td class="right">
                {formatNumber(rates[name].numerator)} of {formatNumber(rates[name].denominator)}
                <Share rate={rates[name]} />
              </td>
            ))}
          </tr>
        ))}
      </Table>
      {period.until - period.since <= MAX_DAYS * DAY_MS && (await showDays())}
    </section>
  )

  async function showDays() {
    const { column } = DIMENSIONS[by]
    const spans = chooseOffsetSpans('day', period, zone)
    const chosen = { ...filter, [column]: groups.map(({ key }) => key) }
    const { counts } = await countByTime(db, column, chosen, spans, DAY_MS, MAX_COUNTS)
    const days = listBuckets('day', spans, zone).filter(({ bucket }) =>
      counts.some((count) => count.bucket === bucket),
    )
    return (
      <>
        <h2>Rates by day</h2>
        {groups.map(({ key }, index) => (
          <Table
            label={`Rates by day of ${names[index]}`}
            heads={[
              'Day',
              <NumberHead>Delivered</NumberHead>,
              ...SHOWN.map(([, title]) => <NumberHead>{title}</NumberHead>),
            ]}
          >
            {days.map(({ bucket }) => (
              <Day
                day={bucket}
                counts={counts.filter((count) => count.bucket === bucket && count.key === key)}
                thresholds={thresholds}
              />
            ))}
          </Table>
        ))}
      </>
    )
  }
}

function Day({
  day,
  counts,
  thresholds,
}: {
  day: number
  counts: readonly BucketCount[]
  thresholds: Thresholds
}) {
  const rates = toLimitedRates(counts, thresholds)
  return (
    <tr>
      <th scope="row">{new Date(day * DAY_MS).toISOString().slice(0, 10)}</th>
      <td class="right">{formatNumber(rates.read.denominator)}</td>
      {SHOWN.map(([name]) => (
        <td class="right">
          <Share rate={rates[name]} />
        </td>
      ))}
    </tr>
  )
}
