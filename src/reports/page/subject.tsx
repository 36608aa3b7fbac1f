import { shorten } from '../../platform/cut-text.ts'
import { DIMENSIONS, type ReportName } from '../../event/dimensions.ts'
import { INTEGERS } from '../../db/columns.ts'
import type { Group } from '../../db/reports/breakdown.ts'
import { link } from '../../web/link.ts'
import { useViewer, type Viewer } from '../../web/viewer.tsx'
import { channelName } from '../../web/channel-name.ts'
import { canSelect, type Request } from './query.ts'

const MAX_NAME = 120 // characters; the title has all of them

/** The name of a line's message, broadcast, …, with a link to what it is about. */
export function Subject({ group, request }: { group: Group; request: Request }) {
  const { text } = useViewer()
  const { key, campaign } = group
  const { by } = request
  const details = detailsOf(by, key, campaign, text)
  const name = <Name text={nameOf(by, key, campaign, text)} />
  if (!canSelect(by, key)) return name
  return (
    <>
      <a href={subjectLink(group, request)}>{name}</a>
      {details.length > 0 && (
        <small>
          {details.map((detail, index) => (
            <>
              {index > 0 && ' · '}
              <Name text={detail} />
            </>
          ))}
        </small>
      )}
    </>
  )
}

/** The page of a campaign; of a workflow its blocks, and of anything else its messages. */
function subjectLink({ key, campaign }: Group, { by, filters, time }: Request): string {
  const { column } = DIMENSIONS[by]
  const { messageId: _messageId, ...others } = filters
  const messageId = by === 'messages' ? key : campaign.messageId
  if (by === 'messages') return link(`/campaigns/${key}`, others)
  if ((by === 'broadcasts' || by === 'blocks') && messageId !== null) {
    return link(`/campaigns/${messageId}`, { ...others, [column]: key })
  }
  return link('/campaigns', {
    by: by === 'workflows' ? 'blocks' : undefined,
    ...filters,
    [column]: key,
    ...time,
  })
}

/** Text from outside, isolated from the text around it, and cut if it is long. */
export function Name({ text }: { text: string }) {
  const viewer = useViewer()
  // An invisible name would leave nothing to click.
  if (!/[\p{L}\p{N}\p{P}\p{S}]/u.test(text)) return <>{viewer.text('campaigns.noName')}</>
  if (text.length <= MAX_NAME) return <bdi>{text}</bdi>
  return <bdi title={text}>{shorten(text, MAX_NAME)}</bdi>
}

/** What people call a message, a broadcast, …. */
export function nameOf(
  by: ReportName,
  key: string,
  { messageName }: Group['campaign'],
  text: Viewer['text'],
): string {
  const { column, described } = DIMENSIONS[by]
  if (described.some((name) => name === 'messageName')) return String(messageName ?? '')
  if (by === 'channels') return channelName(key, text)
  return INTEGERS.has(column) ? text('campaigns.numbered', { kind: by, id: key }) : key
}

function detailsOf(
  by: ReportName,
  key: string,
  campaign: Group['campaign'],
  text: Viewer['text'],
): string[] {
  const { mediaType, messageTag, from } = campaign
  const channel = mediaType === null ? null : channelName(String(mediaType), text)
  const details: { [Name in ReportName]?: (string | number | null)[] } = {
    messages: [channel, messageTag, from],
    broadcasts: [channel, text('campaigns.numbered', { kind: by, id: key })],
    blocks: [channel],
  }
  return (details[by] ?? []).flatMap((detail) =>
    detail === null || detail === '' ? [] : [String(detail)],
  )
}
