import { DAY_MS } from '../../event/clock.ts'
import { addUp, rate } from '../rate.ts'
import type { CoverageLine, CoverageCounts } from '../../db/sync/coverage.ts'
import { channelName } from '../../web/channel-name.ts'
import { isLinkable, link, timeInLink, type Query } from '../../web/link.ts'
import { useViewer, type Viewer } from '../../web/viewer.tsx'
import { nameOf } from '../../web/statuses.ts'
import { NumberHead, Table } from '../../web/table.tsx'

const COUNTS = [
  'coverage.both',
  'coverage.webhookOnly',
  'coverage.apiOnly',
  'coverage.share',
] as const

function countHeads({ text }: Viewer) {
  return COUNTS.map((key) => <NumberHead>{text(key)}</NumberHead>)
}

/** A day (UTC) in a URL: `2026-11-25`. @param time UTC milliseconds */
export function dayInLink(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}

/** The coverage by day. */
export function DayTable({ lines, days }: { lines: readonly CoverageLine[]; days: number }) {
  const viewer = useViewer()
  const { text } = viewer
  const byDay = Map.groupBy(lines, ({ time }) => time)
  return (
    <Table
      label={text('coverage.byDay')}
      heads={[text('coverage.day'), ...countHeads(viewer)]}
      total={
        <tr>
          <th>{text('table.total')}</th>
          <CountCells counts={addUp(lines)} />
        </tr>
      }
    >
      {[...byDay].map(([time, kinds]) => (
        <tr>
          <th>
            <a href={link('/coverage', { days, day: dayInLink(time) })}>{dayInLink(time)}</a>
          </th>
          <CountCells counts={addUp(kinds)} missed={missedIn(time)} />
        </tr>
      ))}
    </Table>
  )
}

/** The coverage of a day, by status and channel. */
export function KindTable({ lines, day }: { lines: readonly CoverageLine[]; day: number }) {
  const viewer = useViewer()
  const { text } = viewer
  return (
    <Table
      label={text('coverage.byKind')}
      heads={[text('parameter.activityStatus'), text('parameter.mediaType'), ...countHeads(viewer)]}
    >
      {lines.map(({ activityStatus, mediaType, ...counts }) => (
        <tr>
          <th>
            <bdi>{nameOf(activityStatus, text)}</bdi>
          </th>
          <td>
            {mediaType === '' ? (
              <span class="quiet">{text('coverage.noChannel')}</span>
            ) : (
              <bdi>{channelName(mediaType, text)}</bdi>
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
  const { number, text, language } = useViewer()
  const { both, webhookOnly, apiOnly, share } = rate(counts)
  return (
    <>
      <td class="right">{number(both)}</td>
      <td class="right">{number(webhookOnly)}</td>
      <td class="right">
        {apiOnly > 0 && missed ? (
          <a class="warn" href={missed}>
            {number(apiOnly)}
          </a>
        ) : (
          <span class={apiOnly > 0 ? 'warn' : 'quiet'}>{number(apiOnly)}</span>
        )}
      </td>
      <td class="right">
        {share === null ? text('coverage.unknown') : formatShare(share, language)}
      </td>
    </>
  )
}

/** Rounded down, so that only full coverage reads 100%. */
function formatShare(share: number, language: string): string {
  const format = new Intl.NumberFormat(language, { style: 'percent', minimumFractionDigits: 2 })
  return format.format(Math.floor(share * 10_000) / 10_000)
}
