import { shorten } from '../../web/event-text.ts'
import type { Query } from '../../web/link.ts'
import { LASTS } from '../../web/period.ts'
import { nameOf, STATUSES } from '../../web/statuses.ts'

/** What the filter bar has a field for, unless it is given in a way that a field cannot show. */
export const IN_BAR = ['activityStatus', 'mediaType', 'last', 'messageId', 'contactId'] as const

type Option = { value: string; name: string }

/** Narrows the list of events; what it has no field for is kept. */
export function RecentFilter({ query, channels }: { query: Query; channels: readonly string[] }) {
  const isBounces = ['reason', 'hasReason', 'domain'].some((name) => query[name] !== undefined)
  const hasTimes = query['since'] !== undefined || query['until'] !== undefined
  const kept = Object.entries(query).filter(
    ([name, value]) =>
      value !== undefined &&
      (!IN_BAR.some((each) => each === name) || (isBounces && name === 'activityStatus')),
  )
  const statuses = STATUSES.map(({ status, name }) => ({ value: status, name }))
  const lasts = Object.entries(LASTS).map(([value, { name }]) => ({
    value,
    name: `Last ${name.toLowerCase()}`,
  }))
  return (
    <form action="/recent" class="bar" role="search" aria-label="Events" data-auto>
      {kept.map(([name, value]) => (
        <input type="hidden" name={name} value={String(value)} />
      ))}
      {!isBounces && (
        <Select label="Status" name="activityStatus" query={query} options={statuses} any="Any" />
      )}
      <Select
        label="Channel"
        name="mediaType"
        query={query}
        options={channels.filter((each) => !each.includes(',')).map(toOption)}
        any="Any"
      />
      {!hasTimes && <Select label="Time" name="last" query={query} options={lasts} any="Any" />}
      <Field label="Message ID" name="messageId" query={query} />
      <Field label="Contact ID" name="contactId" query={query} />
      <button>Show</button>
    </form>
  )
}

function toOption(value: string): Option {
  return { value, name: value }
}

function Select({
  label,
  name,
  query,
  options,
  any,
}: {
  label: string
  name: string
  query: Query
  options: readonly Option[]
  any: string
}) {
  const chosen = query[name] === undefined ? undefined : String(query[name])
  const isListed = chosen === undefined || options.some(({ value }) => value === chosen)
  const all = isListed
    ? options
    : [...options, { value: chosen, name: chosen.split(',').map(nameOf).join(', ') }]
  return (
    <label>
      {label}{' '}
      <select name={name}>
        <option value="">{any}</option>
        {all.map((option) => (
          <option value={option.value} selected={option.value === chosen}>
            {shorten(option.name, 40)}
          </option>
        ))}
      </select>
    </label>
  )
}

function Field({ label, name, query }: { label: string; name: string; query: Query }) {
  return (
    <label>
      {label}{' '}
      <input
        name={name}
        value={query[name] ?? ''}
        size={12}
        inputmode="numeric"
        autocomplete="off"
        pattern="[\-0-9, ]*"
        title="A number, or several with commas"
      />
    </label>
  )
}
