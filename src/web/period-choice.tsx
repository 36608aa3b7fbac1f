import { HiddenFields } from './hidden-fields.tsx'
import { link, type Query } from './link.ts'
import { listDays, PERIOD_NAMES, type Period } from './period.ts'
import { useViewer, type Viewer } from './viewer.tsx'

/**
 * A menu of periods, with a form for other days.
 *
 * @param query the other parameters of the page
 */
export function PeriodChoice({
  path,
  period,
  query,
}: {
  path: string
  period: Period
  query: Query
}) {
  const viewer = useViewer()
  const { text, clock } = viewer
  return (
    <details class="menu period">
      <summary>
        <span class="unseen">{text('period.label')}</span> {namePeriod(period, viewer)}
      </summary>
      <div>
        <ul>
          {PERIOD_NAMES.map((name) => (
            <li>
              <a
                href={link(path, { ...query, period: name })}
                aria-current={period.name === name ? 'true' : undefined}
              >
                {text(`period.${name}`)}
              </a>
            </li>
          ))}
        </ul>
        <PeriodForm path={path} query={query} {...(period.days ?? listDays(period, clock.zone))} />
      </div>
    </details>
  )
}

/** A period in words: `Last 7 days`, or `1 Nov – 25 Nov`. */
export function namePeriod(
  { name, days, since, until }: Period,
  { text, clock }: Pick<Viewer, 'text' | 'clock'>,
): string {
  if (name) return text(`period.${name}`)
  if (days === undefined) {
    return text('period.range', { from: clock.minute(since), to: clock.minute(until) })
  }
  const [from, to] = [clock.day(since), clock.day(until - 1)]
  return from === to ? from : text('period.range', { from, to })
}

/**
 * A form for the first and the last day of a period.
 *
 * @param query the other parameters of the page
 * @param first, last values of the fields: `2026-11-25`
 */
export function PeriodForm({
  path,
  query,
  first,
  last,
}: {
  path: string
  query: Query
  first: string
  last: string
}) {
  const { text } = useViewer()
  return (
    <form action={path} class="inline">
      <HiddenFields fields={query} />
      <label>
        {text('period.from')} <input type="date" name="first" value={first} required />
      </label>
      <label>
        {text('period.to')} <input type="date" name="last" value={last} required />
      </label>
      <button>{text('period.show')}</button>
    </form>
  )
}
