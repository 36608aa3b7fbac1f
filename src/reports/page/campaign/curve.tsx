import { scaleLinear } from 'd3-scale'
import { line } from 'd3-shape'
import { useViewer } from '../../../web/viewer.tsx'
import type { Curve } from './read.ts'

const HEIGHT = 160
const TOP = 8
const BELOW = 22 // room for the times
const LINES = 4
const DIGIT_EM = 0.65 // width of a digit in any common font
const MAX_LABELS = 6
const MAX_LABEL_AT = 0.88 // of the width: a label after it would be cut off
const SERIES = [
  { name: 'read', status: 'READ' },
  { name: 'clicked', status: 'CLICKED' },
] as const

/** People who read and clicked over time, as a line chart. The page must lead to the numbers as text, too. */
export function CurveChart({ curve }: { curve: Curve }) {
  const { text, number, clock } = useViewer()
  const { by, starts } = curve
  const most = Math.max(1, ...curve.read, ...curve.clicked)
  const y = scaleLinear([0, most], [HEIGHT, 0]).nice(LINES)
  const ticks = y.ticks(LINES).filter(Number.isInteger)
  const longest = Math.max(...ticks.map((tick) => number(tick).length))
  const step = Math.ceil(starts.length / MAX_LABELS)
  const last = Math.max(1, starts.length - 1)
  return (
    <>
      <ul class="legend">
        {SERIES.map(({ name, status }) => (
          <li>
            <i class={`dot fill-${name}`}></i>
            {text(`status.${status}`)}
          </li>
        ))}
      </ul>
      <div class="chart" aria-hidden="true">
        <svg width={`${(longest * DIGIT_EM).toFixed(2)}em`} height={TOP + HEIGHT + BELOW}>
          {ticks.map((tick) => (
            <text x="100%" y={TOP + y(tick)} dy="0.35em" text-anchor="end">
              {number(tick)}
            </text>
          ))}
        </svg>
        <svg class="bars" height={TOP + HEIGHT + BELOW}>
          {ticks.map((tick) => (
            <line x1="0" x2="100%" y1={TOP + y(tick)} y2={TOP + y(tick)} />
          ))}
          <svg y={TOP} height={HEIGHT} viewBox={`0 0 ${last} ${HEIGHT}`} preserveAspectRatio="none">
            {SERIES.map(({ name }) => (
              <path class={`curve line-${name}`} d={draw(curve[name], y) ?? ''} />
            ))}
          </svg>
          {starts.flatMap((start, index) =>
            index % step === 0 && index <= last * MAX_LABEL_AT ? (
              <text
                x={`${((index / last) * 100).toFixed(1)}%`}
                y={TOP + HEIGHT + 16}
                class={(index / step) % 2 === 1 ? 'wide' : undefined}
              >
                {by === 'day' ? clock.day(start) : clock.minute(start)}
              </text>
            ) : (
              []
            ),
          )}
        </svg>
      </div>
    </>
  )
}

function draw(values: readonly number[], y: (value: number) => number): string | null {
  return line<number>()
    .x((_, index) => index)
    .y(y)
    .digits(1)(values)
}
