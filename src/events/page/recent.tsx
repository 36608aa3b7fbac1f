import type { Context } from 'hono'
import { MAX_AHEAD_MS } from '../../event/clock.ts'
import { hasDatedAhead } from '../../db/events/dated-ahead.ts'
import { formatCursor } from '../../http/cursor.ts'
import { listChannels } from '../../db/reports/channels.ts'
import { readLastStored } from '../../db/events/last-stored.ts'
import { Chips } from '../../web/chips.tsx'
import { EVENTS_PER_PAGE, findEvents, findNewest, type Found } from './find-events.ts'
import { formatNumber, type Clock } from '../../web/format.ts'
import { Layout } from '../../web/layout.tsx'
import { link, timeInLink, type Query } from '../../web/link.ts'
import { RecentFilter, IN_BAR } from './filter.tsx'
import {
  EventList,
  isUpToDate,
  LiveControls,
  LiveNotices,
  pollLink,
  readPoll,
  type Poll,
} from './live.tsx'
import { readFilter, type Wanted } from './query.ts'
import { viewerClock } from '../../web/viewer.ts'

const SECONDS = 5
const SECONDS_WHERE_SLOW = 30 // each look goes through many rows

/** `GET /recent`: the newest events that a filter finds, renewed while it is looked at. */
export async function showRecent(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { env, req } = context
  const clock = viewerClock(context)
  const { url, poll } = readPoll(req.url)
  const wanted = readFilter(url, clock.zone)
  if (poll) return renewList(context, wanted, poll, clock)
  const { filter, fits, after, query, isUpToNow } = wanted
  const [found, channels, storedAt, isAhead] = await Promise.all([
    findEvents(env.DB, filter, fits, after),
    listChannels(env.DB),
    readLastStored(env.DB),
    isUpToNow && !after && hasDatedAhead(env.DB, filter),
  ])
  const isLive = canRenew(wanted)
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
      <EventList
        activities={found.activities}
        clock={clock}
        live={isLive && pollLink('/recent', query, { storedAt })}
        seconds={found.isSlow ? SECONDS_WHERE_SLOW : SECONDS}
      />
      {found.activities.length === 0 && !found.next && (
        <Nothing isFiltered={given.length > 0} isEnd={after !== undefined} />
      )}
      <Onward path="/recent" query={query} found={found} clock={clock} />
      {isAhead && <DatedAhead query={query} />}
      <p class="quiet">Times are {clock.name}.</p>
      {isLive && <LiveNotices here={link('/recent', query)} />}
    </Layout>,
  )
}

/** Nothing but the list, for the script; 204 where the page has all of it. */
async function renewList(
  context: Context<{ Bindings: Env }>,
  wanted: Wanted,
  poll: Poll,
  clock: Clock,
): Promise<Response> {
  const db = context.env.DB
  const storedAt = await readLastStored(db)
  if (isUpToDate(poll, storedAt)) return context.body(null, 204)
  const { activities, next } = await findNewest(db, wanted.filter, wanted.fits)
  return context.html(
    <EventList
      activities={activities}
      clock={clock}
      live={canRenew(wanted) && pollLink('/recent', wanted.query, { storedAt })}
      isJoined={next === null || (poll.storedAt !== null && next.occurredAt <= poll.storedAt)}
    />,
  )
}

function canRenew({ filter, after }: Wanted): boolean {
  return !after && (filter.until === undefined || filter.until > Date.now())
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

/** Leads to what a list of the newest leaves out. @param query of the list */
export function DatedAhead({ query }: { query: Query }) {
  const since = timeInLink(Date.now() + MAX_AHEAD_MS)
  return (
    <p class="quiet">
      Events dated more than a day in the future are not in this list.{' '}
      <a href={link('/recent', { ...query, last: undefined, since })}>Show them</a>
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
  const cursor = next ? formatCursor(next) : undefined
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
          {isShort ? 'Snapshot further' : 'Older'}
        </a>
      </p>
    </>
  )
}
