import { shorten } from '../../platform/cut-text.ts'
import { DIMENSIONS, type ReportName } from '../../event/dimensions.ts'
import { INTEGERS } from '../../db/columns.ts'
import type { Group } from '../../db/reports/breakdown.ts'
import { canSelect, type Request } from './query.ts'
import { link } from '../../web/link.ts'

const MAX_NAME = 120 // characters; the title has all of them

/** The name of a line's message, broadcast, …, with links. */
export function Subject({
  group: { key, campaign },
  request: { by, filters, time },
}: {
  group: Group
  request: Request
}) {
  const query = { ...filters, [DIMENSIONS[by].column]: key, ...time }
  const details = detailsOf(by, key, campaign)
  const name = <Name text={nameOf(by, key, campaign)} />
  if (!canSelect(by, key)) return name
  return (
    <>
      <a href={link('/', query)}>{name}</a>
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
      {by !== 'messages' && (
        <small>
          <a href={link('/campaigns', { by: 'messages', ...query })}>Show messages</a>
        </small>
      )}
    </>
  )
}

/** Text from outside, isolated from the text around it, and cut if it is long. */
export function Name({ text }: { text: string }) {
  // An invisible name would leave nothing to click.
  if (!/[\p{L}\p{N}\p{P}\p{S}]/u.test(text)) return <>(no name)</>
  if (text.length <= MAX_NAME) return <bdi>{text}</bdi>
  return <bdi title={text}>{shorten(text, MAX_NAME)}</bdi>
}

export function nameOf(by: ReportName, key: string, { messageName }: Group['campaign']): string {
  const { column, title, described } = DIMENSIONS[by]
  if (described.some((name) => name === 'messageName')) return String(messageName ?? '')
  return INTEGERS.has(column) ? `${title} ${key}` : key
}

function detailsOf(by: ReportName, key: string, campaign: Group['campaign']): string[] {
  const { mediaType, messageTag, from, messageId } = campaign
  const details: { [Name in ReportName]?: (string | number | null)[] } = {
    messages: [key, mediaType, messageTag, from],
    broadcasts: [
      `${DIMENSIONS.broadcasts.title} ${key}`,
      messageId && `${DIMENSIONS.messages.title} ${messageId}`,
      mediaType,
    ],
  }
  return (details[by] ?? []).flatMap((detail) =>
    detail === null || detail === '' ? [] : [String(detail)],
  )
}
