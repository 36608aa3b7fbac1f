import { MAX_CONTACT_EVENTS } from '../../store/contact-counts.ts'
import { NAMES, type SomeNames } from '../../store/names.ts'
import { shorten } from '../recent/event-text.ts'
import { formatNumber } from '../page/format.ts'
import { canAskFor, link } from '../page/link.ts'
import { nameOf, toneOf } from '../page/statuses.ts'

const KINDS: Readonly<Record<(typeof NAMES)[number], string>> = {
  email: 'Email',
  sms: 'Phone',
  externalCustomerId: 'Customer ID',
  webpush: 'Web push token',
  mobilepush: 'Mobile push token',
}

const MOST_NAMES = 20

/** All the names that a contact was seen under. */
export function Names({ known }: { known: SomeNames | undefined }) {
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
          {values.slice(0, MOST_NAMES).map((value) => (
            <dd>
              <bdi>{shorten(value, 300)}</bdi>
            </dd>
          ))}
          {values.length > MOST_NAMES && (
            <dd class="quiet">and {formatNumber(values.length - MOST_NAMES)} more</dd>
          )}
        </>
      ))}
      {known?.isWhole === false && (
        <dd class="quiet">Not all are shown: there are many, or long ones.</dd>
      )}
    </dl>
  )
}

/** How many events of each status there are. @param isWhole whether all of them are counted */
export function Counts({
  contactId,
  counts,
  isWhole,
}: {
  contactId: string
  isWhole: boolean
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
      {!isWhole && (
        <p class="quiet">Only the newest {formatNumber(MAX_CONTACT_EVENTS)} events are counted.</p>
      )}
    </>
  )
}

// All rows, where an address cannot ask for those of a status.
function rowsLink(contactId: string, activityStatus: string): string {
  const isAsked = canAskFor(activityStatus, true)
  return link('/recent', { contactId, activityStatus: isAsked ? activityStatus : undefined })
}
