import { scaleLinear } from 'd3-scale'
import { line } from 'd3-shape'

const HEIGHT = 24
const MARGIN = 1 // half of the line's width, at the top and the bottom
const MAX_POINTS = 62

/**
 * A small line chart of values, oldest first. The page must have the numbers as text, too.
 *
 * @param tone the colour, the last part of a class of the style sheet
 */
export function Trend({ values, tone }: { values: readonly number[]; tone: string }) {
  const points = joinPoints(values)
  const y = scaleLinear([0, Math.max(1, ...points)], [HEIGHT - MARGIN, MARGIN])
  const path = line<number>()
    .x((_, index) => index)
    .y(y)
    .digits(1)(points)
  if (path === null || points.length < 2 || points.every((value) => value === 0)) return null
  return (
    <svg
      class="trend"
      viewBox={`0 0 ${points.length - 1} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path class={`line-${tone}`} d={path} />
    </svg>
  )
}

/** Adds up neighbours if there are too many to tell apart. */
function joinPoints(values: readonly number[]): number[] {
  const step = Math.ceil(values.length / MAX_POINTS)
  return Array.from({ length: Math.ceil(values.length / step) || 0 }, (_, index) =>
    values.slice(index * step, (index + 1) * step).reduce((sum, value) => sum + value, 0),
  )
}
