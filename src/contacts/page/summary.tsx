import { MAX_CONTACT_EVENTS } from '../../db/events/contact-counts.ts'
import { NAMES, type SomeIdentifiers } from '../../db/events/identifiers.ts'
import { shorten } from '../../web/event-text.ts'
import { formatNumber } from '../../web/format.ts'
import { isLinkable, link } from '../../web/link.ts'
import { nameOf, toneOf } from '../../web/statuses.ts'

const KINDS: Readonly<Record<(typeof NAMES)[number], string>> = {
  email: 'Email',
  sms: 'Phone',
  externalCustomerId: 'Customer ID',
  webpush: 'Web push token',
  mobilepush: 'Mobile push token',
}

const MAX_NAMES = 20

/** All the names that a contact was seen under. */
export function Names({ known }: { known: SomeIdentifiers | undefined }) {
  const kinds = NAMES.flatMap((name) => {
    const values = known?.names[name]
    return values ? [{ kind: KINDS[name], values }] : []
  })
  if (kinds.length === 0) return <p class="empty">No address was sent with its events.</p>
  return (
    <dl class="card pairs">
      {kinds.map(({ kind, values }) => (
        <>
          <dt>{kind}</dt>
          {values.slice(0, MAX_NAMES).map((value) => (
            <dd>
              <bdi>{shorten(value, 300)}</bdi>
            </dd>
          ))}
          {values.length > MAX_NAMES && (
            <dd class="quiet">and {formatNumber(values.length - MAX_NAMES)} more</dd>
          )}
        </>
      ))}
      {known?.complete === false && (
        <dd class="quiet">Not all are shown: there are many, or long ones.</dd>
      )}
    </dl>
  )
}

/** How many events of each status there are. @param complete whether all of them are counted */
export function Counts({
  contactId,
  counts,
  complete,
}: {
  contactId: string
  complete: boolean
  counts: readonly { activityStatus: string; events: number }[]
}) {
  return (
    <>
      <ul class="legend" aria-label="Events by status">
        {counts.map(({ activityStatus, events }) => (
          <li>
            <a href={rowsLink(contactId, activityStatus)}>
              <i class={`dot fill-${toneOf(activityStatus)}`}></i>
              <bdi>{nameOf(activityStatus)}</bdi> {formatNumber(events)}
            </a>
          </li>
        ))}
      </ul>
      {!complete && (
        <p class="quiet">Only the newest {formatNumber(MAX_CONTACT_EVENTS)} events are counted.</p>
      )}
    </>
  )
}

// All rows, where an address cannot ask for those of a status.
function rowsLink(contactId: string, activityStatus: string): string {
  const isQueried = isLinkable(activityStatus, true)
  return link('/recent', { contactId, activityStatus: isQueried ? activityStatus : undefined })
}
