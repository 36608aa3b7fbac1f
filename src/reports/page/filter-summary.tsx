import { shorten } from '../../platform/cut-text.ts'
import { REPORTS } from '../api.ts'
import type { Group } from '../../db/reports/breakdown.ts'
import { BY, isLinkable, type Asked } from './query.ts'
import { link } from '../../web/link.ts'

const MAX_NAME = 120 // characters; the whole is in the title

/** What a line is about, with where it leads. */
export function Subject({ group: { key, campaign }, asked }: { group: Group; asked: Asked }) {
  const { by } = asked
  const narrowed = { ...asked.filters, [REPORTS[by]]: key }
  const details = detailsIn(by, key, campaign)
  const name = <Name text={nameIn(by, key, campaign)} />
  if (!isLinkable(by, key)) return name
  return (
    <>
      <a href={link('/', { ...narrowed, ...asked.time })}>{name}</a>
      {details.length > 0 && (
        <small>
          {details.map((detail, place) => (
            <>
              {place > 0 && ' · '}
              <Name text={detail} />
            </>
          ))}
        </small>
      )}
      {by !== 'messages' && (
        <small>
          <a href={link('/campaigns', { by: 'messages', ...narrowed, ...asked.time })}>
            Show messages
          </a>
        </small>
      )}
    </>
  )
}

/** Text from outside: apart from what is written around it, and cut where it is long. */
function Name({ text }: { text: string }) {
  // What shows nothing gives nothing to press.
  if (!/[\p{L}\p{N}\p{P}\p{S}]/u.test(text)) return <>(no name)</>
  if (text.length <= MAX_NAME) return <bdi>{text}</bdi>
  return <bdi title={text}>{shorten(text, MAX_NAME)}</bdi>
}

function nameIn(by: Asked['by'], key: string, { messageName }: Group['campaign']): string {
  if (by === 'messages' || by === 'broadcasts') return String(messageName ?? '')
  return by === 'workflows' ? `${BY[by]} ${key}` : key
}

function detailsIn(by: Asked['by'], key: string, campaign: Group['campaign']): string[] {
  const { mediaType, messageTag, from, messageId } = campaign
  const details = {
    messages: [key, mediaType, messageTag, from],
    broadcasts: [`${BY.broadcasts} ${key}`, messageId && `${BY.messages} ${messageId}`, mediaType],
    workflows: [],
    channels: [],
    senders: [],
    tags: [],
  }[by]
  return details.flatMap((detail) => (detail === null || detail === '' ? [] : [String(detail)]))
}
