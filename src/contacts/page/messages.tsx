import { formatCursor } from '../../http/cursor.ts'
import type { DeliveryPage } from '../../history/contact-deliveries.ts'
import { shorten } from '../../platform/cut-text.ts'
import { channelName } from '../../web/channel-name.ts'
import { link } from '../../web/link.ts'
import { useViewer } from '../../web/viewer.tsx'
import { describeDelivery, type Delivery, type Message } from '../explanation.ts'
import { Steps } from './steps.tsx'

/** A page of the messages to a contact, a card for each. @param none the text if there are none */
export function Messages({
  contactId,
  page: { deliveries, next },
  none,
}: {
  contactId: string
  page: DeliveryPage
  none: string
}) {
  const { text } = useViewer()
  return (
    <>
      {deliveries.length === 0 && !next && <p class="empty">{none}</p>}
      <ol class="messages">
        {deliveries.map((events) => {
          const delivery = describeDelivery(events)
          return delivery && <Card delivery={delivery} contactId={contactId} />
        })}
      </ol>
      {next && (
        <p>
          <a rel="next" href={link(`/contact/${contactId}`, { cursor: formatCursor(next) })}>
            {text('contacts.older')}
          </a>
        </p>
      )}
    </>
  )
}

function Card({ delivery, contactId }: { delivery: Delivery; contactId: string }) {
  const { text, clock } = useViewer()
  const { mediaType, beganAt, course } = delivery
  return (
    <li class="card">
      <div class="inline">
        <strong>
          <bdi>
            <Title message={course.message} />
          </bdi>
        </strong>
        <span class="quiet">
          <bdi>{channelName(mediaType, text)}</bdi>
        </span>
        <time class="quiet" datetime={new Date(beganAt).toISOString()}>
          {clock.date(beganAt)}
        </time>
        <a class="quiet" href={link(`/recent/${formatCursor(course.event)}`, { contactId })}>
          {text('contacts.event')}
        </a>
      </div>
      <Steps delivery={delivery} />
    </li>
  )
}

const MAX_NAME = 300 // characters

function Title({ message: { messageId, messageName } }: { message: Message }) {
  const { text } = useViewer()
  const name = shorten(String(messageName ?? '').trim(), MAX_NAME)
  if (messageId === null) return <>{name || text('contacts.noMessage')}</>
  return <a href={`/campaigns/${messageId}`}>{name || text('event.message', { id: messageId })}</a>
}
