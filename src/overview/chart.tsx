import { scaleBand, scaleLinear, type ScaleLinear } from 'd3-scale'
import { stack, type SeriesPoint } from 'd3-shape'
import type { Bar, Bars } from './activity-counts.ts'
import type { Series } from './series.ts'
import type { Clock } from '../language/format.ts'
import { link, timeInLink, type Query } from '../web/link.ts'
import { useViewer, type Viewer } from '../web/viewer.tsx'

const HEIGHT = 220
const TOP = 8 // half the height of the topmost number
const BELOW = 22 // room for the times
const DIGIT_EM = 0.65 // width of a digit in any common font
const LINES = 4
const MAX_LABELS = 8
const MAX_HOURS_NAMED = 36

type Height = ScaleLinear<number, number>

/** A link from a bar to finer bars, or to its events. */
export function barLink(by: Bars['by'], { since, until }: Bar, query: Query): string {
  const { as, ...others } = withoutPeriod(query)
  const period = { since: timeInLink(since), until: timeInLink(until) }
  const isFinest = by === 'minute' || by === 'quarter'
  return isFinest
    ? link('/recent', { ...others, ...period })
    : link('/', { ...others, as, ...period })
}

/** The parameters of a page but those of its period. */
export function withoutPeriod(query: Query): Query {
  const { period: _period, first: _first, last: _last, ...others } = query
  return others
}

/** The name of a bar. */
export function barName(by: Bars['by'], { since }: Bar, clock: Clock): string {
  return by === 'day' ? clock.date(since) : clock.minute(since)
}

/**
 * A chart of events over time, with bars stacked by status. It scales to any page. `ActivityTable` has the same data.
 *
 * @param query the parameters of the page, which are kept in links from the bars
 */
export function Chart({
  chart: { by, bars },
  series,
  query,
}: {
  chart: Bars
  series: readonly Series[]
  query: Query
}) {
  const viewer = useViewer()
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
          {bars.map((bar, index) => (
            <Hit
              index={index}
              href={barLink(by, bar, query)}
              title={describeBar(by, bar, series, viewer)}
            />
          ))}
        </svg>
        <Labels by={by} bars={bars} clock={viewer.clock} />
      </svg>
    </div>
  )
}

/** The clickable area of a bar, as high as the chart. */
function Hit({ index, href, title }: { index: number; href: string; title: string }) {
  return (
    <a href={href} tabindex={-1}>
      <title>{title}</title>
      <rect class="hit" x={index} width="1" height={HEIGHT} />
    </a>
  )
}

/** The numbers next to the bars, as wide as the longest one. */
function Axis({ lines, height }: { lines: readonly number[]; height: Height }) {
  const { number } = useViewer()
  const numbers = lines.map((value) => ({ y: yOf(value, height), text: number(value) }))
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

/** The parts of all bars with one status, as a path. @param layer the lower and upper ends */
function drawLayer(layer: readonly SeriesPoint<Bar>[], height: Height): string {
  const band = scaleBand(layer.keys(), [0, layer.length]).paddingInner(0.15)
  const width = short(band.bandwidth())
  const parts = layer.map(([lower, upper], index) => {
    if (upper <= lower) return ''
    const [bottom, top] = [short(HEIGHT - height(lower)), short(HEIGHT - height(upper))]
    return `M${short(band(index) ?? 0)} ${bottom}h${width}V${top}h-${width}z`
  })
  return parts.join('')
}

function Labels({ by, bars, clock }: { by: Bars['by']; bars: readonly Bar[]; clock: Clock }) {
  const percent = (value: number) => `${short((value / bars.length) * 100)}%`
  return listLabels(by, bars, clock).map(({ index, text }, order) => (
    <text x={percent(index)} y={HEIGHT + TOP + 16} class={order % 2 === 1 ? 'wide' : undefined}>
      {text}
    </text>
  ))
}

/** The labels below the bars: days if there are several, otherwise times. */
function listLabels(by: Bars['by'], bars: readonly Bar[], clock: Clock) {
  const named = bars.map(({ since }, index) => ({
    index,
    day: clock.day(since),
    hour: clock.hour(since),
  }))
  const isLong = by === 'day' || bars.length > MAX_HOURS_NAMED
  const candidates = by === 'hour' && isLong ? named.filter(({ hour }) => hour === '00:00') : named
  const step = Math.ceil(candidates.length / MAX_LABELS)
  return candidates
    .filter((_, order) => order % step === 0)
    .map(({ index, day, hour }) => ({ index, text: isLong && by !== 'minute' ? day : hour }))
}

function describeBar(
  by: Bars['by'],
  bar: Bar,
  series: readonly Series[],
  { text, number, clock }: Viewer,
): string {
  const counts = series.flatMap(({ name, count }) =>
    count(bar) === 0 ? [] : [`${name}: ${number(count(bar))}`],
  )
  const lines = counts.length > 0 ? counts : [text('overview.nothing')]
  return [barName(by, bar, clock), ...lines].join('\n')
}

function short(value: number): number {
  return Math.round(value * 100) / 100
}
