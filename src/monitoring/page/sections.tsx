import type { Child } from 'hono/jsx'
import type { TextKey } from '../../language/messages.ts'
import { Moment } from '../../web/moment.tsx'
import type { Property } from '../../web/properties.tsx'
import type { Viewer } from '../../web/viewer.tsx'
import type { Status } from '../api.ts'
import { Quota } from './quota.tsx'

type QuotaName = Status['usageToday'][number]['name']

const USED_UP: Readonly<Record<QuotaName, TextKey>> = {
  rowsWritten: 'status.rowsUsedUp',
  rowsRead: 'status.rowsUsedUp',
  queueOperations: 'status.operationsUsedUp',
}

/** Events received and waiting. */
export function eventProperties({ events, queue }: Status, viewer: Viewer): Property[] {
  const { text, rich, span, ago } = viewer
  const { silenceMs, normalSilenceMs, lagMs } = events
  const received = <Moment time={events.lastReceivedAt} />
  return [
    [
      text('status.lastReceived'),
      silenceMs === null
        ? received
        : rich('status.timeAgo', { time: received, ago: ago(silenceMs) }),
    ],
    [text('status.lastStored'), <Moment time={events.lastStoredAt} />],
    [text('status.delay'), describeLag(lagMs, viewer)],
    [
      text('status.normalGap'),
      normalSilenceMs === null ? text('status.tooLittleData') : span(normalSilenceMs),
    ],
    [text('status.newest'), <Moment time={events.newestAt} />],
    [text('status.waiting'), describeBacklog(queue.waiting, queue.oldestWaitingAt, viewer)],
    [text('status.deadLetters'), describeBacklog(queue.deadLetters, null, viewer)],
  ]
}

/** The quarantined items. */
export function quarantineProperties({ quarantined }: Status, viewer: Viewer): Property[] {
  const { text, number } = viewer
  const { items, countedUpTo, oldestAt, firstExpiresAt, expiringSoon } = quarantined
  if (items === 0) return [[text('status.items'), text('status.nothing')]]
  const count = items >= countedUpTo ? text('status.orMore', { count: items }) : number(items)
  return [
    [text('status.items'), <a href="/quarantine">{count}</a>],
    [text('status.oldestItem'), <Moment time={oldestAt} />],
    [text('status.nextDeletion'), <Moment time={firstExpiresAt} none={text('status.never')} />],
    [text('status.expiringSoon'), number(expiringSoon)],
  ]
}

/** The size of the database, and when it will be full. */
export function databaseProperties({ database }: Status, viewer: Viewer): Property[] {
  const { text, bytes: format } = viewer
  const { bytes, limitBytes, bytesPerDay, daysUntilFull } = database
  const unknown = text('status.tooLittleData')
  const full =
    daysUntilFull === null
      ? text('status.neverFull')
      : text('status.days', { count: daysUntilFull })
  return [
    [text('status.size'), <Quota used={bytes} limit={limitBytes} format={format} />],
    [
      text('status.growth'),
      bytesPerDay === null ? unknown : text('status.perDay', { size: format(bytesPerDay) }),
    ],
    [text('status.fullIn'), bytesPerDay === null && daysUntilFull === null ? unknown : full],
  ]
}

/** Usage since midnight UTC, of the free plan's daily limits. */
export function usageProperties({ usageToday, settings }: Status, viewer: Viewer): Property[] {
  const { text, number } = viewer
  return usageToday.map(({ name, used, freePlan }) => [
    text(`status.${name}`),
    settings.CLOUDFLARE_PLAN === 'paid' ? (
      number(used)
    ) : (
      <>
        <Quota used={used} limit={freePlan} format={number} amountKey="status.amountOfFree" />
        {used >= freePlan && <p class="quiet">{text(USED_UP[name])}</p>}
      </>
    ),
  ])
}

/** Retention, archive and erasures. */
export function archiveProperties({ retention, erasures }: Status, viewer: Viewer): Property[] {
  const { text, number, bytes } = viewer
  const { archivedDays, archivedEvents, archivedBytes } = retention
  const { finished, underWay } = erasures
  return [
    [text('status.retention'), describeRetention(retention, viewer)],
    [text('status.oldestEvent'), <Moment time={retention.oldestEventAt} />],
    [
      text('status.archived'),
      archivedDays === 0
        ? text('status.nothing')
        : text('status.archivedAmount', {
            events: archivedEvents,
            days: archivedDays,
            size: bytes(archivedBytes),
          }),
    ],
    [text('status.filesInProgress'), number(retention.unfinishedFiles)],
    [text('status.late'), number(retention.waitingLate)],
    [
      text('status.erasures'),
      finished + underWay === 0 ? (
        text('status.nothing')
      ) : (
        <a href="/erasures">{text('status.erasuresCount', { finished, underWay })}</a>
      ),
    ],
  ]
}

/** How far the reports are that wait for the end of an hour, or of a day. */
export function rollupProperties({ rollups }: Status, viewer: Viewer): Property[] {
  const { text, rich, number } = viewer
  const { until, open, failed, oldestOpenAt, engagementUntil } = rollups
  return [
    [text('status.countedUntil'), <Moment time={until} />],
    [
      text('status.openHours'),
      oldestOpenAt === null
        ? number(open)
        : rich('status.openHoursSince', { count: open, time: <Moment time={oldestOpenAt} /> }),
    ],
    [text('status.failedHours'), number(failed)],
    [text('status.engagementUntil'), <Moment time={engagementUntil} />],
  ]
}

function describeRetention(
  { keepDays, movesAfterDays, hasArchive }: Status['retention'],
  { text }: Viewer,
): string {
  if (movesAfterDays !== null && movesAfterDays < keepDays) {
    return text('status.keptLess', { count: movesAfterDays, planned: keepDays })
  }
  if (keepDays === 0) return text('status.allKept')
  return hasArchive ? text('status.keptDays', { count: keepDays }) : text('status.noArchive')
}

function describeBacklog(
  count: number | null,
  since: number | null,
  { text, rich }: Viewer,
): Child {
  if (count === null) return text('status.unavailable')
  return since === null
    ? text('status.requests', { count })
    : rich('status.requestsSince', { count, time: <Moment time={since} /> })
}

function describeLag(milliseconds: number | null, { text, span }: Viewer): string {
  if (milliseconds === null) return text('status.unknown')
  return milliseconds < 1000 ? text('status.underASecond') : span(milliseconds)
}
