import type { Bar } from './activity-counts.ts'
import type { Series } from './series.ts'
import { link, type Query } from '../web/link.ts'
import { useViewer } from '../web/viewer.tsx'

/**
 * The statuses of a chart. Each can be selected as the only one, and its number links to its events.
 *
 * @param query the parameters of the page
 * @param rows selects all events of the chart
 */
export function Legend({
  series,
  bars,
  query,
  rows,
}: {
  series: readonly Series[]
  bars: readonly Bar[]
  query: Query
  rows: Query
}) {
  const { text } = useViewer()
  return (
    <ul class="legend" aria-label={text('overview.statuses')}>
      {series.map((each) => (
        <li class={each.isChosen ? undefined : 'off'}>
          <Choice series={each} query={query} />{' '}
          <Sum
            events={bars.reduce((sum, bar) => sum + each.count(bar), 0)}
            series={each}
            rows={rows}
          />
        </li>
      ))}
    </ul>
  )
}

function Choice({ series, query }: { series: Series; query: Query }) {
  const { text } = useViewer()
  const { name, tone, activityStatus } = series
  const label = (
    <>
      <i class={`dot fill-${tone}`}></i>
      <bdi>{name}</bdi>
    </>
  )
  if (activityStatus === undefined) return label
  const isAlone = query['activityStatus'] === activityStatus
  return (
    <a
      href={link('/', { ...query, activityStatus: isAlone ? undefined : activityStatus })}
      title={text(isAlone ? 'overview.showAll' : 'overview.showOnly')}
      aria-current={isAlone ? 'true' : undefined}
    >
      {label}
    </a>
  )
}

function Sum({ events, series, rows }: { events: number; series: Series; rows: Query }) {
  const { text, number } = useViewer()
  const { name, activityStatus } = series
  if (activityStatus === undefined) return <>{number(events)}</>
  return (
    <a
      class="number"
      href={link('/recent', { ...rows, activityStatus })}
      aria-label={text('overview.events', { count: events, status: name })}
    >
      {number(events)}
    </a>
  )
}
