import type { Context } from 'hono'
import { formatPosition } from '../../read/position.ts'
import { listChannels } from '../../store/channels.ts'
import { Chips } from '../page/chips.tsx'
import { EventRows } from './event-list.tsx'
import { EVENTS_PER_PAGE, findEvents, type Found } from './find-events.ts'
import { formatNumber, type Clock } from '../page/format.ts'
import { Layout } from '../page/layout.tsx'
import { link, type Query } from '../page/link.ts'
import { RecentFilter, IN_BAR } from './filter.tsx'
import { LiveControls, LiveNotices } from './live.tsx'
import { readWanted } from './query.ts'
import { viewerClock } from '../page/viewer.ts'

const SECONDS = 5
const SECONDS_WHERE_SLOW = 30 // each look goes through many rows

/** `GET /recent`: the newest events that a filter finds, renewed while it is looked at. */
export async function showRecent(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { env, req } = context
  const clock = viewerClock(context)
  const { filter, fits, after, query } = readWanted(req.url, clock.zone)
  const [found, channels] = await Promise.all([
    findEvents(env.DB, filter, fits, after),
    listChannels(env.DB),
  ])
  const isLive = !after && (filter.until === undefined || filter.until > Date.now())
  const chips = Object.keys(query).filter((name) => !IN_BAR.some((each) => each === name))
  const given = Object.keys(query).filter((name) => query[name] !== undefined)
  return context.html(
    <Layout view="/recent">
      <RecentFilter query={query} channels={channels} />
      <Chips path="/recent" query={query} removable={chips} />
      {isLive ? (
        <LiveControls list="events" />
      ) : (
        <p class="bar">{after && <a href={link('/recent', query)}>To the newest</a>}</p>
      )}
      <ol
        id="events"
        class="events"
        aria-label="Events, newest first"
        {...(isLive && {
          'data-rows': true,
          'data-live': link('/recent', query),
          'data-seconds': found.looks > 1 ? SECONDS_WHERE_SLOW : SECONDS,
        })}
      >
        <EventRows activities={found.activities} clock={clock} />
      </ol>
      {found.activities.length === 0 && !found.next && (
        <Nothing isFiltered={given.length > 0} isEnd={after !== undefined} />
      )}
      <Onward path="/recent" query={query} found={found} clock={clock} />
      <p class="quiet">Times in {clock.zone}.</p>
      {isLive && <LiveNotices here={link('/recent', query)} />}
    </Layout>,
  )
}

function Nothing({ isFiltered, isEnd }: { isFiltered: boolean; isEnd: boolean }) {
  if (isEnd) return <p class="empty">There is nothing older.</p>
  return isFiltered ? (
    <p class="empty">
      No event fits this filter. Take a part of it off, or <a href="/recent">look at all events</a>.
    </p>
  ) : (
    <p class="empty">
      Nothing has arrived yet. The <a href="/">overview</a> says how to send the first event.
    </p>
  )
}

/** Where a list goes on. The script shows the link once the list has been cut to its length. */
export function Onward({
  path,
  query,
  found: { activities, next },
  clock,
}: {
  path: string
  query: Query
  found: Found
  clock: Clock
}) {
  const cursor = next ? formatPosition(next) : undefined
  const isShort = next !== null && activities.length < EVENTS_PER_PAGE
  return (
    <>
      {isShort && (
        <p class="note">
          {activities.length === 0 ? 'Nothing found' : `${formatNumber(activities.length)} found`}{' '}
          back to {clock.exact(next.occurredAt)}. There are older events to look at.
        </p>
      )}
      <p>
        <a id="older" href={link(path, { ...query, cursor })} hidden={next === null}>
          {isShort ? 'Look further' : 'Older'}
        </a>
      </p>
    </>
  )
}
