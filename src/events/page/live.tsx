import type { StoredEvent } from '../../db/stored-event.ts'
import { EventRows } from './event-list.tsx'
import { link, type Query } from '../../web/link.ts'
import { useViewer } from '../../web/viewer.tsx'

/** A request of a list that renews itself. */
export type Poll = {
  /** The time of the last write that the page knows of: UTC milliseconds. */
  storedAt: number | null
}

// The transaction that started first may be the last to end.
const RESOLVED_MS = 60_000

/** The URL that a list renews itself from. */
export function pollLink(path: string, query: Query, { storedAt }: Poll): string {
  return link(path, { ...query, live: 1, stored: storedAt ?? undefined })
}

/** Splits the URL of a poll: `url` is that of the page. */
export function readPoll(pollUrl: string): { url: string; poll: Poll | undefined } {
  const url = new URL(pollUrl)
  if (url.searchParams.get('live') !== '1') return { url: pollUrl, poll: undefined }
  const stored = url.searchParams.get('stored')
  url.searchParams.delete('live')
  url.searchParams.delete('stored')
  return { url: url.href, poll: { storedAt: stored === null ? null : Number(stored) } }
}

/** Whether a page certainly shows everything. @param storedAt the time of the last write */
export function isUpToDate(poll: Poll, storedAt: number | null): boolean {
  return storedAt !== null && storedAt === poll.storedAt && Date.now() - storedAt > RESOLVED_MS
}

/**
 * The list of events, which renews itself from the URL `live`.
 *
 * @param isJoined whether it reaches back to the events that the page already has
 * @param isArchived as of `EventRows`
 */
export function EventList({
  events,
  live,
  seconds,
  isJoined = false,
  isArchived = false,
}: {
  events: readonly StoredEvent[]
  live: string | false
  seconds?: number
  isJoined?: boolean
  isArchived?: boolean
}) {
  return (
    <ol
      id="events"
      class="events"
      aria-label={useViewer().text('events.list')}
      {...(live !== false && { 'data-rows': true, 'data-live': live, 'data-seconds': seconds })}
      {...(isJoined && { 'data-joined': true })}
    >
      <EventRows events={events} isArchived={isArchived} />
    </ol>
  )
}

/** The pause button of a list, and its announcements; hidden without the script. */
export function LiveControls({ list }: { list: string }) {
  return (
    <div class="bar">
      <button type="button" aria-pressed="false" data-pause={list} hidden>
        {useViewer().text('events.pause')}
      </button>
      <p id="announcement" role="status" class="unseen"></p>
    </div>
  )
}

/** Notices while a list renews itself. @param here the URL of its page */
export function LiveNotices({ here }: { here: string }) {
  const { text, rich } = useViewer()
  return (
    <div class="notices">
      <p id="stale" class="note bad" hidden>
        {text('live.stale')}
      </p>
      <p id="newest" class="note" hidden>
        {rich('events.newer', { link: (content) => <a href={here}>{content}</a> })}
      </p>
    </div>
  )
}
