import { BY, type Asked } from './query.ts'
import { link } from '../../web/link.ts'

/** What to do where there is no line to show. */
export function NoCampaigns({
  asked: { by, search, filters, time, page },
  hasCursor,
  hasMore,
}: {
  asked: Asked
  hasCursor: boolean
  hasMore: boolean
}) {
  const one = BY[by].toLowerCase()
  if (hasMore) return <p class="empty">Nothing on this page. There is more: go on below.</p>
  if (hasCursor) return <p class="empty">There are no more {one}s.</p>
  if (search !== undefined) {
    return (
      <p class="empty">
        No {one} of this period goes by “<bdi>{search}</bdi>”. Try a part of it, choose a longer
        period, or <a href={link('/campaigns', { ...page, search: undefined })}>show all {one}s</a>.
      </p>
    )
  }
  if (Object.values(filters).some((value) => value !== undefined)) {
    return (
      <p class="empty">
        Nothing fits in this period. Choose a longer one, or{' '}
        <a href={link('/campaigns', { by, ...time })}>take the filters off</a>.
      </p>
    )
  }
  return (
    <p class="empty">
      No event of this period names a {one}.{' '}
      {time['last'] === 'month' ? (
        <>
          Choose a longer one with “From” and “to”, or see in the{' '}
          <a href="/">overview whether events arrive</a>.
        </>
      ) : (
        <>
          Choose a longer one, such as{' '}
          <a href={link('/campaigns', { by, last: 'month' })}>the last month</a>.
        </>
      )}
    </p>
  )
}
