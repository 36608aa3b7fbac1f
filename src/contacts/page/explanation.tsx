import { formatCursor } from '../../http/cursor.ts'
import { shorten } from '../../platform/cut-text.ts'
import type { Clock } from '../../language/format.ts'
import { useViewer } from '../../web/viewer.tsx'
import type { ChannelExplanation, Click } from '../explanation.ts'
import { channelName, describeChannel } from '../sentences.ts'

const TONES: Readonly<Record<ChannelExplanation['verdict'], string>> = {
  ok: 'good',
  blocked: 'bad',
  partly: 'warn',
  unknown: 'warn',
}

/**
 * Whether a contact may be contacted, channel by channel, and what became of the last messages.
 *
 * @param checked the events that were checked; undefined if all were
 */
export function Explanation({
  channels,
  checked,
  clock,
}: {
  channels: readonly ChannelExplanation[]
  checked: string | undefined
  clock: Clock
}) {
  return (
    <>
      {channels.map((channel) => (
        <section
          class={`note ${TONES[channel.verdict]}`}
          aria-label={channelName(channel.mediaType)}
        >
          {describeChannel(channel, checked, clock.exact).map(({ text, event }) => (
            <p>
              <bdi>{text}</bdi> {event && <a href={`/recent/${formatCursor(event)}`}>View event</a>}
            </p>
          ))}
          <Clicks clicks={channel.clicks} clock={clock} />
        </section>
      ))}
    </>
  )
}

function Clicks({ clicks, clock }: { clicks: readonly Click[]; clock: Clock }) {
  const { text } = useViewer()
  if (clicks.length === 0) return null
  return (
    <details>
      <summary>Last clicks</summary>
      <ul>
        {clicks.map(({ at, link, event }) => (
          <li>
            <a href={`/recent/${formatCursor(event)}`}>{clock.exact(at)}</a>{' '}
            <bdi>{link === null ? text('status.CLICKED') : shorten(link, 300)}</bdi>
          </li>
        ))}
      </ul>
    </details>
  )
}
