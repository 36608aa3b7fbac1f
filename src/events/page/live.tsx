import type { StoredActivity } from '../../db/stored-activity.ts'
import { EventRows } from './event-list.tsx'
import type { Clock } from '../../web/format.ts'
import { link, type Query } from '../../web/link.ts'

/** What a list that renews itself asks for. */
export type Poll = {
  /** When something new had been stored last, as the page knows it: UTC milliseconds. */
  storedAt: number | null
}

// Of two transactions, the one that was stamped first may be the last to end.
const RESOLVED_MS = 60_000

/** The address that a list renews itself from. */
export function pollLink(path: string, query: Query, { storedAt }: Poll): string {
  return link(path, { ...query, live: 1, stored: storedAt ?? undefined })
}

/** What an address asks for besides the page; `url` is without that. */
export function readPoll(address: string): { url: string; poll: Poll | undefined } {
  const url = new URL(address)
  if (url.searchParams.get('live') !== '1') return { url: address, poll: undefined }
  const stored = url.searchParams.get('stored')
  url.searchParams.delete('live')
  url.searchParams.delete('stored')
  return { url: url.href, poll: { storedAt: stored === null ? null : Number(stored) } }
}

/** Whether a page is sure to know all that is stored. @param storedAt when that was last */
export function isUpToDate(poll: Poll, storedAt: number | null): boolean {
  return storedAt !== null && storedAt === poll.storedAt && Date.now() - storedAt > RESOLVED_MS
}

/**
 * The list of events, which renews itself from the address `live`.
 *
 * @param isJoined whether it goes back to where a page that is renewed began
 */
export function EventList({
  activities,
  clock,
  live,
  seconds,
  isJoined = false,
}: {
  activities: readonly StoredActivity[]
  clock: Clock
  live: string | false
  seconds?: number
  isJoined?: boolean
}) {
  return (
    <ol
      id="events"
      class="events"
      aria-label="Events, newest first"
      {...(live !== false && { 'data-rows': true, 'data-live': live, 'data-seconds': seconds })}
      {...(isJoined && { 'data-joined': true })}
    >
      <EventRows activities={activities} clock={clock} />
    </ol>
  )
}

/** What stops a list from renewing itself, and tells of it; useless, so hidden, without the script. */
export function LiveControls({ list }: { list: string }) {
  return (
    <div class="bar">
      <button type="button" aria-pressed="false" data-pause={list} hidden>
        Pause
      </button>
      <p id="announcement" role="status" class="unseen"></p>
    </div>
  )
}

/** What is told while a list renews itself. @param here the address of its page */
export function LiveNotices({ here }: { here: string }) {
  return (
    <div class="notices">
      <p id="stale" class="note bad" hidden>
        The receiver does not answer; trying again.
      </p>
      <p id="newest" class="note" hidden>
        There are newer events. <a href={here}>Show them</a>
      </p>
    </div>
  )
}
