import { scaleBand, scaleLinear } from 'd3-scale'
import { stack } from 'd3-shape'
import type { Bar, Bars } from './activity-counts.ts'
import { formatNumber, type Clock } from '../page/format.ts'
import { link, timeInLink, type Query } from '../page/link.ts'
import { nameOf, STATUSES, toneOf } from '../page/statuses.ts'

const HEIGHT = 220
const TOP = 14 // room for the number at the highest line
const LINES = 4
const MOST_LABELS = 8
const MOST_HOURS_NAMED = 36

/** What a bar leads to: itself in finer bars, or its events. */
export function barLink(by: Bars['by'], { since, until }: Bar, query: Query): string {
  const { last: _last, ...others } = query
  const period = { since: timeInLink(since), until: timeInLink(until) }
  const isFinest = by === 'minute' || by === 'quarter'
  return link(isFinest ? '/recent' : '/', { ...others, ...period })
}

/** What a bar is called. */
export function barName(by: Bars['by'], { since }: Bar, clock: Clock): string {
  return by === 'day' ? clock.date(since) : clock.minute(since)
}

/** The statuses that occur, the documented ones first. */
export function listStatuses(bars: readonly Bar[]): string[] {
  const found = new Set(bars.flatMap(({ counts }) => [...counts.keys()]))
  const known = STATUSES.map(({ status }) => status as string).filter((status) => found.has(status))
  return [...known, ...[...found].filter((status) => !known.includes(status)).sort()]
}

/**
 * Bars of events over time, stacked by status. Drawn without measures of the page, so that it fits
 * wherever it is shown; the same is told by a table.
 *
 * @param query the parameters of the page, which links from the bars keep
 */
export function Chart({
  bars: { by, bars },
  statuses,
  clock,
  query,
}: {
  bars: Bars
  statuses: readonly string[]
  clock: Clock
  query: Query
}) {
  const layers = stack<Bar, string>()
    .keys(statuses)
    .value(({ counts }, status) => counts.get(status) ?? 0)(bars)
  const most = Math.max(1, ...layers.flatMap((layer) => layer.map(([, upper]) => upper)))
  const height = scaleLinear([0, most], [0, HEIGHT]).nice(LINES)
  const place = scaleBand(bars.keys(), [0, bars.length]).paddingInner(0.15)
  const percent = (value: number) => `${Math.round((value / bars.length) * 10_000) / 100}%`
  return (
    <svg class="chart" height={HEIGHT + TOP + 22} aria-hidden="true" data-tips="">
      {height
        .ticks(LINES)
        .filter(Number.isInteger)
        .map((value) => {
          const y = HEIGHT + TOP - height(value)
          return (
            <>
              <line x1="0" x2="100%" y1={y} y2={y} />
              {value > 0 && (
                <text x="0" y={y - 3}>
                  {formatNumber(value)}
                </text>
              )}
            </>
          )
        })}
      <svg
        y={TOP}
        height={HEIGHT}
        viewBox={`0 0 ${bars.length} ${HEIGHT}`}
        preserveAspectRatio="none"
      >
        {layers.map((layer) => (
          <path
            class={`fill-${toneOf(layer.key)}`}
            d={layer
              .flatMap(([lower, upper], at) =>
                upper > lower
                  ? `M${short(place(at) ?? 0)} ${short(HEIGHT - height(lower))}h${short(place.bandwidth())}V${short(HEIGHT - height(upper))}h-${short(place.bandwidth())}z`
                  : [],
              )
              .join('')}
          />
        ))}
        {bars.map((bar, at) => (
          <a href={barLink(by, bar, query)} tabindex={-1}>
            <title>{describeBar(by, bar, clock)}</title>
            <rect class="hit" x={at} width="1" height={HEIGHT} />
          </a>
        ))}
      </svg>
      {listLabels(by, bars, clock).map(({ at, text }, order) => (
        <text x={percent(at)} y={HEIGHT + TOP + 16} class={order % 2 === 1 ? 'wide' : undefined}>
          {text}
        </text>
      ))}
    </svg>
  )
}

/** What stands below the bars: days where there are several, otherwise times. */
function listLabels(by: Bars['by'], bars: readonly Bar[], clock: Clock) {
  const named = bars.map(({ since }, at) => ({
    at,
    day: clock.day(since),
    hour: clock.hour(since),
  }))
  const isLong = by === 'day' || bars.length > MOST_HOURS_NAMED
  const candidates = by === 'hour' && isLong ? named.filter(({ hour }) => hour === '00:00') : named
  const step = Math.ceil(candidates.length / MOST_LABELS)
  return candidates
    .filter((_, order) => order % step === 0)
    .map(({ at, day, hour }) => ({ at, text: isLong && by !== 'minute' ? day : hour }))
}

function describeBar(by: Bars['by'], bar: Bar, clock: Clock): string {
  const counts = listStatuses([bar]).map(
    (status) => `${nameOf(status)}: ${formatNumber(bar.counts.get(status) ?? 0)}`,
  )
  return [barName(by, bar, clock), ...(counts.length > 0 ? counts : ['nothing'])].join('\n')
}

function short(value: number): number {
  return Math.round(value * 100) / 100
}
