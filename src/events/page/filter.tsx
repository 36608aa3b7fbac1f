import { shorten } from '../../platform/cut-text.ts'
import { channelName } from '../../web/channel-name.ts'
import { HiddenFields } from '../../web/hidden-fields.tsx'
import type { Query } from '../../web/link.ts'
import { PERIOD_NAMES } from '../../web/period.ts'
import { nameOf, STATUSES } from '../../web/statuses.ts'
import { useViewer } from '../../web/viewer.tsx'

/** The parameters with a field in the filter bar. */
export const IN_BAR: readonly string[] = [
  'activityStatus',
  'mediaType',
  'period',
  'messageId',
  'contactId',
]

type Option = { value: string; name: string }

/** Filters the list of events; parameters without a field are kept. */
export function RecentFilter({ query, channels }: { query: Query; channels: readonly string[] }) {
  const { text } = useViewer()
  const isBounces = ['reason', 'hasReason', 'domain'].some((name) => query[name] !== undefined)
  const hasTimes = ['since', 'until', 'first', 'last'].some((name) => query[name] !== undefined)
  const kept = Object.entries(query).filter(
    ([name]) => !IN_BAR.includes(name) || (isBounces && name === 'activityStatus'),
  )
  const statuses = STATUSES.map(({ status }) => ({ value: status, name: nameOf(status, text) }))
  const periods = PERIOD_NAMES.map((name) => ({ value: name, name: text(`period.${name}`) }))
  return (
    <form action="/recent" class="bar" role="search" aria-label={text('events.filter')} data-auto>
      <HiddenFields fields={Object.fromEntries(kept)} />
      {!isBounces && (
        <Select
          label={text('parameter.activityStatus')}
          name="activityStatus"
          query={query}
          options={statuses}
        />
      )}
      <Select
        label={text('parameter.mediaType')}
        name="mediaType"
        query={query}
        options={channels
          .filter((channel) => !channel.includes(','))
          .map((channel) => ({ value: channel, name: channelName(channel, text) }))}
      />
      {!hasTimes && (
        <Select label={text('events.time')} name="period" query={query} options={periods} />
      )}
      <Field label={text('parameter.messageId')} name="messageId" query={query} />
      <Field label={text('parameter.contactId')} name="contactId" query={query} />
      <button>{text('events.show')}</button>
    </form>
  )
}

function Select({
  label,
  name,
  query,
  options,
}: {
  label: string
  name: string
  query: Query
  options: readonly Option[]
}) {
  const { text } = useViewer()
  const chosen = query[name] === undefined ? undefined : String(query[name])
  const isListed = chosen === undefined || options.some(({ value }) => value === chosen)
  const all = isListed
    ? options
    : [
        ...options,
        {
          value: chosen,
          name: chosen
            .split(',')
            .map((each) => nameOf(each, text))
            .join(', '),
        },
      ]
  return (
    <label>
      {label}{' '}
      <select name={name}>
        <option value="">{text('events.any')}</option>
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
        title={useViewer().text('events.numbers')}
      />
    </label>
  )
}
