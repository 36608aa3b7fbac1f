import type { StatusCount } from '../../db/events/contact-events.ts'
import type { SomeIdentifiers } from '../../db/events/identifiers.ts'
import { IDENTIFIERS } from '../../event/identifier.ts'
import { shorten } from '../../platform/cut-text.ts'
import { formatNumber } from '../../language/format.ts'
import { isLinkable, link } from '../../web/link.ts'
import { labelOf } from '../../web/parameter-label.ts'
import { Properties, type Property } from '../../web/properties.tsx'
import { useViewer } from '../../web/viewer.tsx'
import { nameOf, toneOf } from '../../web/statuses.ts'

const MAX_VALUES = 20 // of one kind

/** All addresses and IDs of a contact, as sent with its events. */
export function Addresses({ identifiers }: { identifiers: SomeIdentifiers | undefined }) {
  const { text } = useViewer()
  const properties = IDENTIFIERS.flatMap((name): Property[] => {
    const values = identifiers?.names[name]
    return values ? [[labelOf(name, text), ...listValues(values)]] : []
  })
  if (properties.length === 0) return <p class="empty">No addresses on record.</p>
  return (
    <>
      <Properties properties={properties} />
      {identifiers?.complete === false && (
        <p class="quiet">Some addresses are not shown: there are many, or very long ones.</p>
      )}
    </>
  )
}

function listValues(values: readonly string[]) {
  const shown = values.slice(0, MAX_VALUES).map((value) => <bdi>{shorten(value, 300)}</bdi>)
  const others = values.length - shown.length
  return others > 0 ? [...shown, `and ${formatNumber(others)} more`] : shown
}

/** The number of events by status. @param included the events that are counted; undefined if all are */
export function Counts({
  contactId,
  counts,
  included,
}: {
  contactId: string
  included: string | undefined
  counts: readonly StatusCount[]
}) {
  const { text } = useViewer()
  return (
    <>
      <ul class="legend" aria-label="Events by status">
        {counts.map(({ activityStatus, events }) => (
          <li>
            <a href={eventsLink(contactId, activityStatus)}>
              <i class={`dot fill-${toneOf(activityStatus)}`}></i>
              <bdi>{nameOf(activityStatus, text)}</bdi> {formatNumber(events)}
            </a>
          </li>
        ))}
      </ul>
      {included !== undefined && <p class="quiet">Only {included} are counted.</p>}
    </>
  )
}

/** The events of a status, or all events if no URL can select the status. */
function eventsLink(contactId: string, status: string): string {
  const activityStatus = isLinkable(status, true) ? status : undefined
  return link('/recent', { contactId, activityStatus })
}
