import { DIMENSIONS, type ReportName } from '../../event/dimensions.ts'
import { DAY_MS } from '../../event/clock.ts'
import type { Group } from '../../db/reports/breakdown.ts'
import type { RateName } from '../../db/reports/rates.ts'
import { countByTime, type BucketCount } from '../../db/reports/time-series.ts'
import type { CampaignFilter, Period } from '../../db/reports/totals.ts'
import { useViewer, type Viewer } from '../../web/viewer.tsx'
import { NumberHead, Table } from '../../web/table.tsx'
import { chooseOffsetSpans, listBuckets } from '../buckets.ts'
import { toLimitedRates, type Thresholds } from '../rates.ts'
import { RateText } from './rate.tsx'
import { Name, nameOf } from './subject.tsx'

/** The most campaigns whose rates are shown side by side. */
export const MAX_COMPARED = 2

const MAX_DAYS = 62
const MAX_COUNTS = 10_000

const SHOWN = [
  'read',
  'readWithoutMachines',
  'clicked',
  'clickedWithoutMachines',
  'hardBounced',
  'spam',
  'unsubscribed',
] as const satisfies readonly RateName[]

/** The rates of few campaigns, side by side: of the period, and day by day unless it is too long. */
export async function showRates(
  db: D1Database,
  groups: readonly Group[],
  {
    by,
    filter,
    period,
    viewer,
    thresholds,
  }: {
    by: ReportName
    filter: CampaignFilter
    period: Period
    viewer: Viewer
    thresholds: Thresholds
  },
) {
  const { text, number } = viewer
  const { zone } = viewer.clock
  const names = groups.map(({ key, campaign }) => nameOf(by, key, campaign, text))
  const totals = groups.map(({ counts }) => toLimitedRates(counts, thresholds))
  return (
    <section>
      <h2>{text(groups.length > 1 ? 'rates.title' : 'rates.one')}</h2>
      <Table
        label={text('rates.title')}
        heads={[
          text('rates.rate'),
          ...names.map((name) => (
            <NumberHead>
              <Name text={name} />
            </NumberHead>
          )),
        ]}
      >
        {SHOWN.map((name) => (
          <tr>
            <th scope="row" title={text(`rate.${name}.meaning`)}>
              {text(`rate.${name}`)}
            </th>
            {totals.map((rates) => (
              <td class="right">
                {text('rates.of', {
                  numerator: number(rates[name].numerator),
                  denominator: number(rates[name].denominator),
                })}
                <RateText rate={rates[name]} />
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
        <h2>{text('rates.byDay')}</h2>
        {groups.map(({ key }, index) => (
          <>
            {groups.length > 1 && (
              <h3>
                <Name text={names[index] ?? ''} />
              </h3>
            )}
            <Table
              label={text('rates.byDayOf', { name: names[index] ?? '' })}
              class="wrapped"
              heads={[
                text('rates.day'),
                <NumberHead>{text('status.DELIVERED')}</NumberHead>,
                ...SHOWN.map((name) => <NumberHead>{text(`rate.${name}`)}</NumberHead>),
              ]}
            >
              {days.map(({ bucket, start }) => (
                <Day
                  start={start}
                  counts={counts.filter((count) => count.bucket === bucket && count.key === key)}
                  thresholds={thresholds}
                />
              ))}
            </Table>
          </>
        ))}
      </>
    )
  }
}

function Day({
  start,
  counts,
  thresholds,
}: {
  start: number
  counts: readonly BucketCount[]
  thresholds: Thresholds
}) {
  const { number, clock } = useViewer()
  const rates = toLimitedRates(counts, thresholds)
  return (
    <tr>
      <th scope="row">{clock.day(start)}</th>
      <td class="right">{number(rates.read.denominator)}</td>
      {SHOWN.map((name) => (
        <td class="right">
          <RateText rate={rates[name]} />
        </td>
      ))}
    </tr>
  )
}
