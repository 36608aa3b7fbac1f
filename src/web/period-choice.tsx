import { MINUTE_MS } from '../event/clock.ts'
import type { Clock } from './format.ts'
import { link, type Query } from './link.ts'
import { LASTS, type Period } from './period.ts'

/**
 * Chooses a period: one of those that end now, or any.
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
  // Cut, the end that is shown would leave out what is shown until then.
  // A field tells minutes apart.
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
 * Asks from when to when.
 *
 * @param query the other parameters of the page
 * @param since, until as the fields have them: `2026-11-25T14:03`
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
      {Object.entries(query).map(
        ([name, value]) =>
          value !== undefined && <input type="hidden" name={name} value={String(value)} />,
      )}
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
