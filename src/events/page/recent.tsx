import { MAX_AHEAD_MS } from '../../event/clock.ts'
import { hasDatedAhead } from '../../db/events/dated-ahead.ts'
import { openHistory } from '../../history/history.ts'
import { formatCursor } from '../../http/cursor.ts'
import { listChannels } from '../../db/reports/campaigns.ts'
import { readLastStored } from '../../db/monitor/recent-events.ts'
import { Chips } from '../../web/chips.tsx'
import { Layout } from '../../web/layout.tsx'
import { link, timeInLink, type Query } from '../../web/link.ts'
import { showPage, useViewer, viewerOf, type PageContext } from '../../web/viewer.tsx'
import { RecentFilter, IN_BAR } from './filter.tsx'
import { EVENTS_PER_PAGE, findEvents, FOR_POLLS, type Found } from './find-events.ts'
import {
  EventList,
  isUpToDate,
  LiveControls,
  LiveNotices,
  pollLink,
  readPoll,
  type Poll,
} from './live.tsx'
import { readRecentQuery, type RecentQuery } from './query.ts'

const SECONDS = 5
const SECONDS_IF_SLOW = 30 // each search scans many rows

/** `GET /recent`: the newest events of a filter, renewed while the page is visible. */
export async function showRecent(context: PageContext): Promise<Response> {
  const { env, req } = context
  const { clock, text } = viewerOf(context)
  const { url, poll } = readPoll(req.url)
  const recentQuery = readRecentQuery(url, clock.zone)
  if (poll) return renewList(context, recentQuery, poll)
  const { filter, sieve, after, query, isUpToNow } = recentQuery
  const [found, channels, storedAt, isAhead] = await Promise.all([
    findEvents(openHistory(env), filter, sieve, after),
    listChannels(env.DB),
    readLastStored(env.DB),
    isUpToNow && !after && hasDatedAhead(env.DB, filter),
  ])
  const isLive = canRenew(recentQuery)
  const filters = Object.keys(query).filter((name) => query[name] !== undefined)
  return showPage(
    context,
    <Layout view="/recent">
      <RecentFilter query={query} channels={channels} />
      <Chips
        path="/recent"
        query={query}
        removable={filters.filter((name) => !IN_BAR.includes(name))}
      />
      {isLive ? (
        <LiveControls list="events" />
      ) : (
        <p class="bar">
          {after && <a href={link('/recent', query)}>{text('events.backToNewest')}</a>}
        </p>
      )}
      <EventList
        events={found.events}
        live={isLive && pollLink('/recent', query, { storedAt })}
        seconds={found.isSlow ? SECONDS_IF_SLOW : SECONDS}
        isArchived={found.isArchived}
      />
      {found.events.length === 0 && !found.next && (
        <NoEvents isFiltered={filters.length > 0} isEnd={after !== undefined} />
      )}
      <Older path="/recent" query={query} found={found} />
      {isAhead && <DatedAhead query={query} />}
      <p class="quiet">{text('events.zone', { zone: clock.name })}</p>
      {isLive && <LiveNotices here={link('/recent', query)} />}
    </Layout>,
  )
}

/** Only the list, for the script; 204 if the page is up to date. */
async function renewList(
  context: PageContext,
  recentQuery: RecentQuery,
  poll: Poll,
): Promise<Response> {
  const db = context.env.DB
  const storedAt = await readLastStored(db)
  if (isUpToDate(poll, storedAt)) return context.body(null, 204)
  const { filter, sieve } = recentQuery
  const newest = { ...openHistory(context.env), bucket: undefined } // the page has the archived events
  const { events, next } = await findEvents(newest, filter, sieve, undefined, FOR_POLLS)
  return showPage(
    context,
    <EventList
      events={events}
      live={canRenew(recentQuery) && pollLink('/recent', recentQuery.query, { storedAt })}
      isJoined={next === null || (poll.storedAt !== null && next.occurredAt <= poll.storedAt)}
    />,
  )
}

function canRenew({ filter, after }: RecentQuery): boolean {
  return !after && (filter.until === undefined || filter.until > Date.now())
}

function NoEvents({ isFiltered, isEnd }: { isFiltered: boolean; isEnd: boolean }) {
  const { text, rich } = useViewer()
  if (isEnd) return <p class="empty">{text('events.noOlder')}</p>
  const [key, target] = isFiltered
    ? (['events.noMatch', '/recent'] as const)
    : (['events.none', '/'] as const)
  return <p class="empty">{rich(key, { link: (content) => <a href={target}>{content}</a> })}</p>
}

/** A link to the events that a list of the newest events leaves out. @param query of the list */
export function DatedAhead({ query }: { query: Query }) {
  const since = timeInLink(Date.now() + MAX_AHEAD_MS)
  const ahead = link('/recent', { ...query, period: undefined, since })
  return (
    <p class="quiet">
      {useViewer().rich('events.ahead', { link: (content) => <a href={ahead}>{content}</a> })}
    </p>
  )
}

/** The link to older events. The script shows it once it has shortened the list. */
function Older({
  path,
  query,
  found: { events, next },
}: {
  path: string
  query: Query
  found: Found
}) {
  const { text, clock } = useViewer()
  const cursor = next ? formatCursor(next) : undefined
  const isShort = next !== null && events.length < EVENTS_PER_PAGE
  return (
    <>
      {isShort && (
        <p class="note">
          {text('events.searched', { count: events.length, time: clock.exact(next.occurredAt) })}
        </p>
      )}
      <p>
        <a id="older" href={link(path, { ...query, cursor })} hidden={next === null}>
          {text(isShort ? 'events.further' : 'events.older')}
        </a>
      </p>
    </>
  )
}
