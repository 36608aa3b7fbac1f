import { formatCursor } from '../../http/cursor.ts'
import { shorten } from '../../platform/cut-text.ts'
import { channelName } from '../../web/channel-name.ts'
import { link } from '../../web/link.ts'
import { useViewer } from '../../web/viewer.tsx'
import type { ChannelExplanation, Click, Course } from '../explanation.ts'
import { describeVerdict, messageName, type Checked, type Sentence } from '../sentences.ts'
import { MessageLink } from './message-link.tsx'
import { InlineSteps } from './steps.tsx'

const TONES: Readonly<Record<ChannelExplanation['verdict'], string>> = {
  ok: 'good',
  blocked: 'bad',
  partly: 'warn',
  unknown: 'warn',
}

const MAX_LINK = 300 // characters

/** Whether a contact may be contacted, channel by channel, and what became of the last messages. */
export function Explanation({
  contactId,
  channels,
  checked,
}: {
  contactId: string
  channels: readonly ChannelExplanation[]
  checked: Checked
}) {
  const { text, clock } = useViewer()
  return (
    <div class="channels">
      {channels.map((channel) => (
        <section
          class={`note ${TONES[channel.verdict]}`}
          aria-label={channelName(channel.mediaType, text)}
        >
          {describeVerdict(channel, checked, { text, at: clock.exact }).map((sentence) => (
            <Verdict sentence={sentence} contactId={contactId} />
          ))}
          <Last course={channel.lastMessage} />
          <Clicks clicks={channel.clicks} contactId={contactId} />
        </section>
      ))}
    </div>
  )
}

function Verdict({
  sentence: { key, values, event, message },
  contactId,
}: {
  sentence: Sentence
  contactId: string
}) {
  const { text, rich } = useViewer()
  const linked = message && { message: <MessageLink message={message} /> }
  return (
    <p>
      <strong>
        <bdi>{rich(key, { ...values, ...linked })}</bdi>
      </strong>{' '}
      {event && (
        <a href={link(`/recent/${formatCursor(event)}`, { contactId })}>{text('contacts.event')}</a>
      )}
    </p>
  )
}

function Last({ course }: { course: Course | null }) {
  const { text, rich } = useViewer()
  if (!course) return <p class="plain-text">{text('contacts.last.none')}</p>
  const isNamed = messageName(course.message, text) !== ''
  return (
    <p class="plain-text">
      <bdi>
        {rich('contacts.last', {
          message: isNamed ? (
            <MessageLink message={course.message} />
          ) : (
            text('contacts.message.none')
          ),
          steps: <InlineSteps course={course} />,
        })}
      </bdi>
    </p>
  )
}

function Clicks({ clicks, contactId }: { clicks: readonly Click[]; contactId: string }) {
  const { text, clock } = useViewer()
  if (clicks.length === 0) return null
  return (
    <details class="plain-text">
      <summary>{text('contacts.lastClicks')}</summary>
      <ul>
        {clicks.map(({ at, link: url, event }) => (
          <li>
            <a href={link(`/recent/${formatCursor(event)}`, { contactId })}>{clock.exact(at)}</a>{' '}
            <bdi>{url === null ? text('contacts.aLink') : shorten(url, MAX_LINK)}</bdi>
          </li>
        ))}
      </ul>
    </details>
  )
}
