import type { Status } from '../api.ts'
import { formatCount, formatNumber, formatSpan } from '../../language/format.ts'
import { Moment } from '../../web/moment.tsx'
import type { Property } from '../../web/properties.tsx'
import { Quota } from './quota.tsx'

const MEGABYTE = 1_000_000

type QuotaName = Status['usageToday'][number]['name']

const USAGE: Readonly<Record<QuotaName, string>> = {
  rowsWritten: 'Rows written',
  rowsRead: 'Rows read',
  queueOperations: 'Queue operations',
}

const ROWS_USED_UP =
  '. The database is unavailable until 00:00 UTC; events wait in the queue. On a paid plan, set CLOUDFLARE_PLAN to paid.'

const USED_UP: Readonly<Record<QuotaName, string>> = {
  rowsWritten: ROWS_USED_UP,
  rowsRead: ROWS_USED_UP,
  queueOperations:
    '. The queue is unavailable until 00:00 UTC; events are stored directly. On a paid plan, set CLOUDFLARE_PLAN to paid.',
}

/** Events received and waiting. */
export function eventProperties({ events, queue }: Status): Property[] {
  const { silenceMs, normalSilenceMs, lagMs } = events
  return [
    [
      'Last received',
      <>
        <Moment time={events.lastReceivedAt} />
        {silenceMs !== null && `, ${formatSpan(silenceMs)} ago`}
      </>,
    ],
    ['Last stored', <Moment time={events.lastStoredAt} />],
    ['Processing delay', lagMs === null ? 'unknown' : formatLag(lagMs)],
    [
      'Longest normal gap',
      normalSilenceMs === null ? 'not enough data yet' : formatSpan(normalSilenceMs),
    ],
    ['Newest event', <Moment time={events.newestAt} />],
    [
      'Waiting in the queue',
      <>
        {describeBacklog(queue.waiting, 'request')}
        {queue.oldestWaitingAt !== null && (
          <>
            , since <Moment time={queue.oldestWaitingAt} />
          </>
        )}
      </>,
    ],
    ['Dead letters', describeBacklog(queue.deadLetters, 'request')],
  ]
}

/** The quarantined items. */
export function quarantineProperties({ quarantined }: Status): Property[] {
  const { items, countedUpTo, oldestAt, firstExpiresAt, expiringSoon } = quarantined
  const count = `${formatNumber(items)}${items >= countedUpTo ? ' or more' : ''}`
  if (items === 0) return [['Items', 'none']]
  return [
    ['Items', <a href="/quarantine">{count}</a>],
    ['Oldest item', <Moment time={oldestAt} />],
    ['Next deletion', <Moment time={firstExpiresAt} none="never" />],
    ['To be deleted within a week', formatNumber(expiringSoon)],
  ]
}

/** The size of the database, and when it will be full. */
export function databaseProperties({ database }: Status): Property[] {
  const { bytes, limitBytes, bytesPerDay, daysUntilFull } = database
  return [
    ['Size', <Quota used={bytes} limit={limitBytes} format={megabytes} />],
    ['Growth', bytesPerDay === null ? 'not enough data yet' : `${megabytes(bytesPerDay)} a day`],
    [
      'Full in (estimate)',
      daysUntilFull !== null
        ? formatCount(daysUntilFull, 'day')
        : bytesPerDay === null
          ? 'not enough data yet'
          : 'never at this rate',
    ],
  ]
}

/** Usage since midnight UTC, of the free plan's daily limits. */
export function usageProperties({ usageToday, settings }: Status): Property[] {
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

/** Retention, archive and erasures. */
export function archiveProperties({ retention, erasures }: Status): Property[] {
  const { archivedDays, archivedEvents, archivedBytes } = retention
  return [
    ['Retention', describeRetention(retention)],
    ['Oldest event', <Moment time={retention.oldestEventAt} />],
    [
      'Archived',
      archivedDays === 0
        ? 'none'
        : `${formatCount(archivedEvents, 'event')} of ${formatCount(archivedDays, 'day')}, ${megabytes(archivedBytes)}`,
    ],
    ['Files in progress', formatNumber(retention.unfinishedFiles)],
    ['Late events to be archived', formatNumber(retention.waitingLate)],
    [
      'Erasures',
      erasures.finished + erasures.underWay === 0 ? (
        'none'
      ) : (
        <a href="/erasures">
          {formatNumber(erasures.finished)} finished, {formatNumber(erasures.underWay)} in progress
        </a>
      ),
    ],
  ]
}

/** How far the reports are that wait for the end of an hour, or of a day. */
export function rollupProperties({ rollups }: Status): Property[] {
  const { until, open, failed, oldestOpenAt, engagementUntil } = rollups
  return [
    ['Hours counted until', <Moment time={until} none="none yet" />],
    [
      'Hours to be counted, or counted again',
      <>
        {formatNumber(open)}
        {oldestOpenAt !== null && (
          <>
            , the oldest of <Moment time={oldestOpenAt} />
          </>
        )}
      </>,
    ],
    ['Hours that failed', formatNumber(failed)],
    ['Engagement until', <Moment time={engagementUntil} none="none yet" />],
  ]
}

function describeRetention({ keepDays, movesAfterDays, hasArchive }: Status['retention']): string {
  if (movesAfterDays !== null && movesAfterDays < keepDays) {
    return `Kept for ${formatCount(movesAfterDays, 'day')} instead of ${keepDays}, as the database is nearly full`
  }
  if (keepDays === 0) return 'All kept'
  return hasArchive
    ? `Kept for ${formatCount(keepDays, 'day')}`
    : 'All kept: no archive is bound (see [[r2_buckets]] in wrangler.toml)'
}

function describeBacklog(count: number | null, noun: string): string {
  return count === null ? 'currently unavailable' : formatCount(count, noun)
}

function megabytes(bytes: number): string {
  const size = bytes / MEGABYTE
  return `${formatNumber(Math.abs(size) < 10 ? Math.round(size * 100) / 100 : Math.round(size))} MB`
}

function formatLag(milliseconds: number): string {
  return milliseconds < 1000 ? 'less than a second' : formatSpan(milliseconds)
}
