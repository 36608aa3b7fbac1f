import { DAY_MS } from '../../event/clock.ts'
import { addUp, rate } from '../rate.ts'
import type { CoverageLine, CoverageCounts } from '../../db/sync/coverage.ts'
import { formatNumber } from '../../language/format.ts'
import { isLinkable, link, timeInLink, type Query } from '../../web/link.ts'
import { useViewer } from '../../web/viewer.tsx'
import { nameOf } from '../../web/statuses.ts'
import { shorten } from '../../platform/cut-text.ts'
import { NumberHead, Table } from '../../web/table.tsx'

const COUNT_HEADS = ['In both', 'Webhook only', 'API only', 'Coverage'].map((head) => (
  <NumberHead>{head}</NumberHead>
))

/** A day (UTC) in a URL: `2026-11-25`. @param time UTC milliseconds */
export function dayInLink(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}

/** The coverage by day. */
export function DayTable({ lines, days }: { lines: readonly CoverageLine[]; days: number }) {
  const byDay = Map.groupBy(lines, ({ time }) => time)
  return (
    <Table label="By day" heads={['Day (UTC)', ...COUNT_HEADS]}>
      {[...byDay].map(([time, kinds]) => (
        <tr>
          <th>
            <a href={link('/coverage', { days, day: dayInLink(time) })}>{dayInLink(time)}</a>
          </th>
          <CountCells counts={addUp(kinds)} missed={missedIn(time)} />
        </tr>
      ))}
      <tr>
        <th>All</th>
        <CountCells counts={addUp(lines)} />
      </tr>
    </Table>
  )
}

/** The coverage of a day, by status and channel. */
export function KindTable({ lines, day }: { lines: readonly CoverageLine[]; day: number }) {
  const { text } = useViewer()
  return (
    <Table label="By status and channel" heads={['Status', 'Channel', ...COUNT_HEADS]}>
      {lines.map(({ activityStatus, mediaType, ...counts }) => (
        <tr>
          <th>
            <bdi>{nameOf(activityStatus, text)}</bdi>
          </th>
          <td>
            {mediaType === '' ? (
              <span class="quiet">none</span>
            ) : (
              <bdi>{shorten(mediaType, 60)}</bdi>
            )}
          </td>
          <CountCells counts={counts} missed={missedOfKind(day, activityStatus, mediaType)} />
        </tr>
      ))}
    </Table>
  )
}

/** A link to the events of a day that only the API has. */
function missedIn(day: number, kind: Query = {}): string {
  const period = { since: timeInLink(day), until: timeInLink(day + DAY_MS) }
  return link('/recent', { ...kind, ...period, origin: 'api' })
}

/** Undefined if no URL can select them. */
function missedOfKind(day: number, activityStatus: string, mediaType: string): string | undefined {
  const canSelect = [activityStatus, mediaType].every((value) => isLinkable(value, true))
  return canSelect ? missedIn(day, { activityStatus, mediaType }) : undefined
}

/** @param missed a link to the events that only the API has */
function CountCells({ counts, missed }: { counts: CoverageCounts; missed?: string | undefined }) {
  const { both, webhookOnly, apiOnly, share } = rate(counts)
  return (
    <>
      <td class="right">{formatNumber(both)}</td>
      <td class="right">{formatNumber(webhookOnly)}</td>
      <td class="right">
        {apiOnly > 0 && missed ? (
          <a class="warn" href={missed}>
            {formatNumber(apiOnly)}
          </a>
        ) : (
          <span class={apiOnly > 0 ? 'warn' : 'quiet'}>{formatNumber(apiOnly)}</span>
        )}
      </td>
      <td class="right">{share === null ? '–' : formatShare(share)}</td>
    </>
  )
}

/** Rounded down, so that only full coverage reads 100%. */
function formatShare(share: number): string {
  return `${(Math.floor(share * 10_000) / 100).toFixed(2)}%`
}
