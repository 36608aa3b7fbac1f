import { DIMENSIONS } from '../../event/dimensions.ts'
import { type Request } from './query.ts'
import { link } from '../../web/link.ts'

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
  const lines = `${DIMENSIONS[by].title.toLowerCase()}s`
  if (hasMore) return <p class="empty">Nothing on this page, but there are more pages.</p>
  if (hasCursor) return <p class="empty">No more {lines}.</p>
  if (search !== undefined) {
    return (
      <p class="empty">
        No {lines} match “<bdi>{search}</bdi>” in this period. Try a part of the name, choose a
        longer period, or{' '}
        <a href={link('/campaigns', { ...page, search: undefined })}>show all {lines}</a>.
      </p>
    )
  }
  if (Object.values(filters).some((value) => value !== undefined)) {
    return (
      <p class="empty">
        No {lines} match in this period. Choose a longer one, or{' '}
        <a href={link('/campaigns', { by, ...time })}>remove the filters</a>.
      </p>
    )
  }
  return (
    <p class="empty">
      No {lines} in this period.{' '}
      {time['last'] === 'month' ? (
        <>
          Choose a longer one with “From” and “to”, or check the <a href="/">overview</a> for new
          events.
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
