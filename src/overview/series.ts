import type { Bar } from './activity-counts.ts'
import type { Viewer } from '../web/viewer.tsx'
import { isLinkable } from '../web/link.ts'
import { nameOf, STATUSES, toneOf } from '../web/statuses.ts'

/** The events in each bar of one status, or of all rare statuses together. */
export type Series = {
  name: string
  tone: string
  /** Selects its events; undefined if no URL can. */
  activityStatus: string | undefined
  /** Whether it is among the statuses of the query. */
  isChosen: boolean
  count: (bar: Bar) => number
}

const MAX_STATUSES = 20

/**
 * The statuses that occur, the documented ones first. Anything can be sent as a status, so there may be thousands: the
 * rarest are merged into one, except those of the query.
 *
 * @param chosen the statuses of the query; undefined for all
 */
export function listTimeSeries(
  bars: readonly Bar[],
  chosen: readonly string[] | undefined,
  text: Viewer['text'],
): Series[] {
  const sums = new Map<string, number>()
  for (const { counts } of bars) {
    for (const [status, events] of counts) sums.set(status, (sums.get(status) ?? 0) + events)
  }
  const known = STATUSES.map(({ status }) => status as string)
  const rankOf = (status: string) => (chosen?.includes(status) ? 0 : known.includes(status) ? 1 : 2)
  const ranked = [...sums].sort(
    ([one, events], [other, others]) =>
      rankOf(one) - rankOf(other) || others - events || (one < other ? -1 : 1),
  )
  const shown = new Set(ranked.slice(0, MAX_STATUSES).map(([status]) => status))
  const inOrder = [
    ...known.filter((status) => shown.has(status)),
    ...[...shown].filter((status) => !known.includes(status)).sort(),
  ]
  const series = inOrder.map((status) => toTimeSeries(status, chosen, text))
  return sums.size > shown.size ? [...series, joinOthers(shown, chosen, text)] : series
}

function toTimeSeries(
  status: string,
  chosen: readonly string[] | undefined,
  text: Viewer['text'],
): Series {
  return {
    name: nameOf(status, text),
    tone: toneOf(status),
    activityStatus: isLinkable(status, true) ? status : undefined,
    isChosen: chosen?.includes(status) ?? true,
    count: ({ counts }) => counts.get(status) ?? 0,
  }
}

function joinOthers(
  shown: ReadonlySet<string>,
  chosen: readonly string[] | undefined,
  text: Viewer['text'],
): Series {
  return {
    name: text('overview.others'),
    tone: 'other',
    activityStatus: undefined,
    isChosen: chosen === undefined,
    count: ({ counts }) =>
      counts
        .entries()
        .reduce((sum, [status, events]) => (shown.has(status) ? sum : sum + events), 0),
  }
}
