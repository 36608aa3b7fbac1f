import { scaleBand, scaleLinear, type ScaleLinear } from 'd3-scale'
import { stack, type SeriesPoint } from 'd3-shape'
import type { Bar, Bars } from './activity-counts.ts'
import type { Series } from './series.ts'
import { formatNumber, type Clock } from '../web/format.ts'
import { link, timeInLink, type Query } from '../web/link.ts'

const HEIGHT = 220
const TOP = 8 // half of the number at the highest line
const BELOW = 22 // the times
const DIGIT_EM = 0.65 // as wide as a digit is in any usual font
const LINES = 4
const MAX_LABELS = 8
const MAX_HOURS_NAMED = 36

type Height = ScaleLinear<number, number>

/** What a bar leads to: itself in finer bars, or its events. */
export function barLink(by: Bars['by'], { since, until }: Bar, query: Query): string {
  const { last: _last, as, ...others } = query
  const period = { since: timeInLink(since), until: timeInLink(until) }
  const isFinest = by === 'minute' || by === 'quarter'
  return isFinest
    ? link('/recent', { ...others, ...period })
    : link('/', { ...others, as, ...period })
}

/** What a bar is called. */
export function barName(by: Bars['by'], { since }: Bar, clock: Clock): string {
  return by === 'day' ? clock.date(since) : clock.minute(since)
}

/**
 * Bars of events over time, stacked by status. Drawn without measures of the page, so that it fits
 * wherever it is shown; the same is told by a table.
 *
 * @param query the parameters of the page, which links from the bars keep
 */
export function Chart({
  bars: { by, bars },
  series,
  clock,
  query,
}: {
  bars: Bars
  series: readonly Series[]
  clock: Clock
  query: Query
}) {
  const layers = stack<Bar, Series>()
    .keys(series)
    .value((bar, { count }) => count(bar))(bars)
  const most = Math.max(1, ...layers.flatMap((layer) => layer.map(([, upper]) => upper)))
  const height = scaleLinear([0, most], [0, HEIGHT]).nice(LINES)
  const lines = height.ticks(LINES).filter(Number.isInteger)
  return (
    <div class="chart" aria-hidden="true" data-tips="">
      <Axis lines={lines} height={height} />
      <svg class="bars" height={TOP + HEIGHT + BELOW}>
        {lines.map((value) => (
          <line x1="0" x2="100%" y1={yOf(value, height)} y2={yOf(value, height)} />
        ))}
        <svg
          y={TOP}
          height={HEIGHT}
          viewBox={`0 0 ${bars.length} ${HEIGHT}`}
          preserveAspectRatio="none"
        >
          {layers.map((layer) => (
            <path class={`fill-${layer.key.tone}`} d={drawLayer(layer, height)} />
          ))}
          {bars.map((bar, at) => (
            <Hit
              at={at}
              href={barLink(by, bar, query)}
              title={describeBar(by, bar, series, clock)}
            />
          ))}
        </svg>
        <Labels by={by} bars={bars} clock={clock} />
      </svg>
    </div>
  )
}

/** What is pointed at, as high as the chart. */
function Hit({ at, href, title }: { at: number; href: string; title: string }) {
  return (
    <a href={href} tabindex={-1}>
      <title>{title}</title>
      <rect class="hit" x={at} width="1" height={HEIGHT} />
    </a>
  )
}

/** The numbers beside the bars, in as much room as the longest of them takes. */
function Axis({ lines, height }: { lines: readonly number[]; height: Height }) {
  const numbers = lines.map((value) => ({ y: yOf(value, height), text: formatNumber(value) }))
  const longest = Math.max(0, ...numbers.map(({ text }) => text.length))
  return (
    <svg class="axis" width={`${short(longest * DIGIT_EM)}em`} height={TOP + HEIGHT + BELOW}>
      {numbers.map(({ y, text }) => (
        <text x="100%" y={y} dy="0.35em" text-anchor="end">
          {text}
        </text>
      ))}
    </svg>
  )
}

function yOf(value: number, height: Height): number {
  return short(TOP + HEIGHT - height(value))
}

/** The part of every bar that one status has, as a path. @param layer from where to where each is */
function drawLayer(layer: readonly SeriesPoint<Bar>[], height: Height): string {
  const place = scaleBand(layer.keys(), [0, layer.length]).paddingInner(0.15)
  const width = short(place.bandwidth())
  const parts = layer.map(([lower, upper], at) => {
    if (upper <= lower) return ''
    const [bottom, top] = [short(HEIGHT - height(lower)), short(HEIGHT - height(upper))]
    return `M${short(place(at) ?? 0)} ${bottom}h${width}V${top}h-${width}z`
  })
  return parts.join('')
}

function Labels({ by, bars, clock }: { by: Bars['by']; bars: readonly Bar[]; clock: Clock }) {
  const percent = (value: number) => `${short((value / bars.length) * 100)}%`
  return listLabels(by, bars, clock).map(({ at, text }, order) => (
    <text x={percent(at)} y={HEIGHT + TOP + 16} class={order % 2 === 1 ? 'wide' : undefined}>
      {text}
    </text>
  ))
}

/** What stands below the bars: days where there are several, otherwise times. */
function listLabels(by: Bars['by'], bars: readonly Bar[], clock: Clock) {
  const named = bars.map(({ since }, at) => ({
    at,
    day: clock.day(since),
    hour: clock.hour(since),
  }))
  const isLong = by === 'day' || bars.length > MAX_HOURS_NAMED
  const candidates = by === 'hour' && isLong ? named.filter(({ hour }) => hour === '00:00') : named
  const step = Math.ceil(candidates.length / MAX_LABELS)
  return candidates
    .filter((_, order) => order % step === 0)
    .map(({ at, day, hour }) => ({ at, text: isLong && by !== 'minute' ? day : hour }))
}

function describeBar(by: Bars['by'], bar: Bar, series: readonly Series[], clock: Clock): string {
  const counts = series.flatMap(({ name, count }) =>
    count(bar) === 0 ? [] : [`${name}: ${formatNumber(count(bar))}`],
  )
  return [barName(by, bar, clock), ...(counts.length > 0 ? counts : ['nothing'])].join('\n')
}

function short(value: number): number {
  return Math.round(value * 100) / 100
}
