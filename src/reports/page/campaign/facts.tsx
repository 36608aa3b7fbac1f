import type { Child } from 'hono/jsx'
import type { Group } from '../../../db/reports/breakdown.ts'
import { isLinkable, link } from '../../../web/link.ts'
import { channelName } from '../../../web/channel-name.ts'
import { useViewer } from '../../../web/viewer.tsx'
import { Name } from '../subject.tsx'

/** What a campaign is: its channel, sender, languages and tags, and when it was active. */
export function Facts({ group, languages }: { group: Group; languages: readonly string[] }) {
  const { text, clock } = useViewer()
  const { campaign, firstHour, lastHour, key } = group
  const { mediaType, from, messageTag, workflowId } = campaign
  const tags = String(messageTag ?? '')
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '')
  const facts: [name: string, value: Child][] = []
  if (mediaType) facts.push([text('parameter.mediaType'), channelName(String(mediaType), text)])
  if (from) facts.push([text('parameter.from'), <Name text={String(from)} />])
  if (languages.length > 0) {
    facts.push([text('campaign.languages', { count: languages.length }), languages.join(', ')])
  }
  if (tags.length > 0) {
    const links = tags.map((tag, index) => (
      <>
        {index > 0 && ', '}
        {isLinkable(tag, true) ? (
          <a href={link('/campaigns', { messageTag: tag })}>
            <Name text={tag} />
          </a>
        ) : (
          <Name text={tag} />
        )}
      </>
    ))
    facts.push([text('campaign.tags', { count: tags.length }), <>{links}</>])
  }
  if (workflowId !== null) {
    facts.push([
      text('dimension.one.workflows'),
      <a href={link('/campaigns', { by: 'blocks', workflowId: String(workflowId) })}>
        {String(workflowId)}
      </a>,
    ])
  }
  facts.push([text('parameter.messageId'), key])
  facts.push([
    text('campaign.active'),
    text('period.range', { from: clock.minute(firstHour), to: clock.minute(lastHour) }),
  ])
  return (
    <ul class="facts">
      {facts.map(([name, value]) => (
        <li>
          <span class="quiet">{name}</span> <span>{value}</span>
        </li>
      ))}
    </ul>
  )
}
