import { MINUTE_MS } from '../event/clock.ts'
import type { Clock } from './format.ts'
import { HiddenFields } from './hidden-fields.tsx'
import { link, type Query } from './link.ts'
import { LASTS, type Period } from './period.ts'

/**
 * Links and a form to choose a period: one that ends now, or any other.
 *
 * @param query the other parameters of the page
 */
export function PeriodChoice({
  path,
  period,
  query,
  clock,
}: {
  path: string
  period: Period
  query: Query
  clock: Clock
}) {
  // The field has no seconds: rounded down, it would leave out the newest events of the page.
  const until = Math.ceil(period.until / MINUTE_MS) * MINUTE_MS
  return (
    <div class="bar">
      <nav class="switch" aria-label="Period">
        {Object.entries(LASTS).map(([last, { name }]) => (
          <a
            href={link(path, { ...query, last })}
            aria-current={period.last === last ? 'true' : undefined}
          >
            {name}
          </a>
        ))}
      </nav>
      <PeriodForm
        path={path}
        query={query}
        since={clock.field(period.since)}
        until={clock.field(until)}
      />
    </div>
  )
}

/**
 * A form for the start and the end of a period.
 *
 * @param query the other parameters of the page
 * @param since, until values of the fields: `2026-11-25T14:03`
 */
export function PeriodForm({
  path,
  query,
  since,
  until,
}: {
  path: string
  query: Query
  since: string
  until: string
}) {
  return (
    <form action={path} class="inline">
      <HiddenFields fields={query} />
      <label>
        From <input type="datetime-local" name="since" value={since} required />
      </label>
      <label>
        to <input type="datetime-local" name="until" value={until} required />
      </label>
      <button>Show</button>
    </form>
  )
}
