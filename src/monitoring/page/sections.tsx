import type { Status } from '../api.ts'
import { formatCount } from '../../web/count.ts'
import { formatNumber, formatSpan, type Clock } from '../../web/format.ts'
import { Moment, type Fact } from '../../web/facts.tsx'
import { Quota } from './quota.tsx'

const MEGABYTE = 1_000_000

type QuotaName = Status['usageToday'][number]['name']

const USAGE: Readonly<Record<QuotaName, string>> = {
  rowsWritten: 'Rows written',
  rowsRead: 'Rows read',
  queueOperations: 'Queue operations',
}

const ROWS_USED_UP =
  '. The database refuses more until 00:00 UTC; events wait in the queue. On a paid plan, set CLOUDFLARE_PLAN to paid.'

const USED_UP: Readonly<Record<QuotaName, string>> = {
  rowsWritten: ROWS_USED_UP,
  rowsRead: ROWS_USED_UP,
  queueOperations:
    '. The queue stands until 00:00 UTC; events are stored directly. On a paid plan, set CLOUDFLARE_PLAN to paid.',
}

/** What came in, and what waits. */
export function eventFacts({ events, queue }: Status, clock: Clock): Fact[] {
  const { silenceMs, normalSilenceMs, lagMs } = events
  return [
    [
      'Last received by the webhook',
      <>
        <Moment time={events.lastReceivedAt} clock={clock} />
        {silenceMs !== null && `, ${formatSpan(silenceMs)} ago`}
      </>,
    ],
    ['Last stored', <Moment time={events.lastStoredAt} clock={clock} />],
    ['From received to stored', lagMs === null ? 'not known' : formatLag(lagMs)],
    [
      'Longest usual silence',
      normalSilenceMs === null ? 'not known yet' : formatSpan(normalSilenceMs),
    ],
    ['Newest event happened', <Moment time={events.newestAt} clock={clock} />],
    [
      'Waiting in the queue',
      <>
        {tell(queue.waiting, 'request')}
        {queue.oldestWaitingAt !== null && (
          <>
            , since <Moment time={queue.oldestWaitingAt} clock={clock} />
          </>
        )}
      </>,
    ],
    ['Dead letters', tell(queue.deadLetters, 'request')],
  ]
}

/** What could be no event. */
export function quarantineFacts({ quarantined }: Status, clock: Clock): Fact[] {
  const { elements, countedUpTo, oldestAt, firstExpiresAt, expiringSoon } = quarantined
  const count = `${formatNumber(elements)}${elements >= countedUpTo ? ' or more' : ''}`
  if (elements === 0) return [['Elements', 'none']]
  return [
    ['Elements', <a href="/set-aside">{count}</a>],
    ['The oldest came', <Moment time={oldestAt} clock={clock} />],
    ['The first is deleted', <Moment time={firstExpiresAt} clock={clock} none="never" />],
    ['Deleted within a week', formatNumber(expiringSoon)],
  ]
}

/** How large the database is, and for how long that goes well. */
export function databaseFacts({ database }: Status): Fact[] {
  const { bytes, limitBytes, bytesPerDay, daysUntilFull } = database
  return [
    ['Size', <Quota used={bytes} limit={limitBytes} write={megabytes} />],
    ['Growth', bytesPerDay === null ? 'not known yet' : `${megabytes(bytesPerDay)} a day`],
    [
      'Full in (estimate)',
      daysUntilFull !== null
        ? formatCount(daysUntilFull, 'day')
        : bytesPerDay === null
          ? 'not known yet'
          : 'never at this rate',
    ],
  ]
}

/** What was used since midnight UTC, of what the free plan has for a day. */
export function usageFacts({ usageToday, settings }: Status): Fact[] {
  return usageToday.map(({ name, used, freePlan }) => [
    USAGE[name],
    settings.CLOUDFLARE_PLAN === 'paid' ? (
      formatNumber(used)
    ) : (
      <>
        <Quota used={used} limit={freePlan} of="the free plan’s" />
        {used >= freePlan && USED_UP[name]}
      </>
    ),
  ])
}

/** Where old events go, and who was taken out. */
export function archiveFacts({ retention, erasures }: Status, clock: Clock): Fact[] {
  const { keepDays, hasArchive, archivedDays, archivedEvents, archivedBytes } = retention
  const kept = keepDays === 0 ? 'All are kept' : `Kept for ${formatCount(keepDays, 'day')}`
  return [
    [
      'Events here',
      keepDays === 0 || hasArchive
        ? kept
        : 'All are kept, as no archive is bound: see the lines [[r2_buckets]] in wrangler.toml',
    ],
    ['The oldest here happened', <Moment time={retention.oldestActivityAt} clock={clock} />],
    [
      'In the archive',
      archivedDays === 0
        ? 'nothing'
        : `${formatCount(archivedEvents, 'event')} of ${formatCount(archivedDays, 'day')}, ${megabytes(archivedBytes)}`,
    ],
    ['Files not finished', formatNumber(retention.unfinishedFiles)],
    ['Late events that wait for it', formatNumber(retention.waitingLate)],
    [
      'People forgotten',
      erasures.finished + erasures.underWay === 0 ? (
        'none'
      ) : (
        <a href="/forgotten">
          {formatNumber(erasures.finished)}; {formatNumber(erasures.underWay)} under way
        </a>
      ),
    ],
  ]
}

function tell(count: number | null, what: string): string {
  return count === null ? 'the queue does not tell right now' : formatCount(count, what)
}

function megabytes(bytes: number): string {
  const size = bytes / MEGABYTE
  return `${formatNumber(Math.abs(size) < 10 ? Math.round(size * 100) / 100 : Math.round(size))} MB`
}

function formatLag(milliseconds: number): string {
  return milliseconds < 1000 ? 'less than a second' : formatSpan(milliseconds)
}
