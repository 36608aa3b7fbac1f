import { link } from '../../web/link.ts'
import { useViewer } from '../../web/viewer.tsx'
import { type Request } from './query.ts'

/** Why there are no lines, and what to do. */
export function NoCampaigns({
  request: { by, search, filters, time, page },
  hasCursor,
  hasMore,
}: {
  request: Request
  hasCursor: boolean
  hasMore: boolean
}) {
  const { text, rich } = useViewer()
  if (hasMore) return <p class="empty">{text('campaigns.none.here')}</p>
  if (hasCursor) return <p class="empty">{text('campaigns.none.more')}</p>
  const to = (href: string) => (content: unknown) => <a href={href}>{String(content)}</a>
  const shownBy = by === 'messages' ? undefined : by
  return (
    <p class="empty">
      {search !== undefined
        ? rich('campaigns.none.search', {
            search: <bdi>{search}</bdi>,
            link: to(link('/campaigns', { ...page, search: undefined })),
          })
        : Object.values(filters).some((value) => value !== undefined)
          ? rich('campaigns.none.filters', {
              link: to(link('/campaigns', { by: shownBy, ...time })),
            })
          : time['period'] === '30days'
            ? rich('campaigns.none.30days', { link: to('/') })
            : rich('campaigns.none.period', {
                link: to(link('/campaigns', { by: shownBy, period: '30days' })),
              })}
    </p>
  )
}
