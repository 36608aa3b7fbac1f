import type { StatusCount } from '../../db/events/contact-events.ts'
import type { SomeIdentifiers } from '../../db/events/identifiers.ts'
import { IDENTIFIERS } from '../../event/identifier.ts'
import { shorten } from '../../platform/cut-text.ts'
import { isLinkable, link } from '../../web/link.ts'
import { labelOf } from '../../web/parameter-label.ts'
import { Properties, type Property } from '../../web/properties.tsx'
import { useViewer, type Viewer } from '../../web/viewer.tsx'
import { checkedValues, type Checked } from '../sentences.ts'
import { nameOf, toneOf } from '../../web/statuses.ts'

const MAX_VALUES = 20 // of one kind
const MAX_LENGTH = 300 // characters
const MAX_TOKEN = 40 // characters: nobody reads more of one

/** All addresses and IDs of a contact, as sent with its events. */
export function Addresses({ identifiers }: { identifiers: SomeIdentifiers | undefined }) {
  const { text, number } = useViewer()
  const properties = IDENTIFIERS.flatMap((name): Property[] => {
    const values = identifiers?.names[name]
    const length = name === 'webpush' || name === 'mobilepush' ? MAX_TOKEN : MAX_LENGTH
    return values ? [[labelOf(name, text), ...listValues(values, length, { text, number })]] : []
  })
  if (properties.length === 0) return <p class="empty">{text('contacts.noAddresses')}</p>
  return (
    <>
      <Properties properties={properties} />
      {identifiers?.complete === false && <p class="quiet">{text('contacts.someAddresses')}</p>}
    </>
  )
}

function listValues(
  values: readonly string[],
  length: number,
  { text, number }: Pick<Viewer, 'text' | 'number'>,
) {
  const shown = values.slice(0, MAX_VALUES).map((value) => <bdi>{shorten(value, length)}</bdi>)
  const others = values.length - shown.length
  return others > 0 ? [...shown, text('contacts.moreAddresses', { count: number(others) })] : shown
}

/** The number of events by status. */
export function Counts({
  contactId,
  counts,
  checked,
}: {
  contactId: string
  checked: Checked
  counts: readonly StatusCount[]
}) {
  const { text, number, clock } = useViewer()
  return (
    <>
      <ul class="legend" aria-label={text('contacts.counts')}>
        {counts.map(({ activityStatus, events }) => (
          <li>
            <a href={eventsLink(contactId, activityStatus)}>
              <i class={`dot fill-${toneOf(activityStatus)}`}></i>
              <bdi>{nameOf(activityStatus, text)}</bdi> {number(events)}
            </a>
          </li>
        ))}
        <li>
          <a href={link('/recent', { contactId })}>{text('contacts.allEvents')}</a>
        </li>
      </ul>
      {checked && (
        <p class="quiet">{text('contacts.counted', checkedValues(checked, clock.exact))}</p>
      )}
    </>
  )
}

/** The events of a status, or all events if no URL can select the status. */
function eventsLink(contactId: string, status: string): string {
  const activityStatus = isLinkable(status, true) ? status : undefined
  return link('/recent', { contactId, activityStatus })
}
