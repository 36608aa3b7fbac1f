import { shorten } from '../../platform/cut-text.ts'
import type { CampaignFilter, Period } from '../../db/reports/totals.ts'
import { formatNumber, formatRate } from '../../language/format.ts'
import { NumberHead, Table } from '../../web/table.tsx'
import { findClicks, type ClickReportLine } from '../clicks.ts'

const LINES = 20
const MAX_URL = 120 // characters; the title has all of them

/** The links that the people of chosen campaigns clicked; undefined if there were none. */
export async function showLinks(db: D1Database, filter: CampaignFilter, period: Period) {
  const { lines, next } = await findClicks(db, 'link', filter, period, {
    sort: 'people',
    limit: LINES,
  })
  return lines.length === 0 ? undefined : <Links lines={lines} hasMore={next !== null} />
}

function Links({ lines, hasMore }: { lines: readonly ClickReportLine[]; hasMore: boolean }) {
  return (
    <>
      <h2>Links</h2>
      <Table
        label="Clicks by link"
        heads={[
          'Link',
          ...['Clicks', 'People', 'Share', 'People, without machines', 'Share'].map((head) => (
            <NumberHead>{head}</NumberHead>
          )),
        ]}
      >
        {lines.map(({ name, clicks, people, share, withoutMachines }) => (
          <tr>
            <th scope="row">
              <bdi title={name}>{shorten(name, MAX_URL)}</bdi>
            </th>
            <td class="right">{formatNumber(clicks)}</td>
            <td class="right">{formatNumber(people)}</td>
            <Share rate={share.rate} />
            <td class="right">{formatNumber(withoutMachines.people)}</td>
            <Share rate={withoutMachines.share.rate} />
          </tr>
        ))}
      </Table>
      <p class="quiet">
        {hasMore && `The ${LINES} links with the most people. `}
        Shares are of the people who clicked anything. <a href="/docs">GET /reports/links</a> has
        all links, and <a href="/docs">GET /reports/utm</a> the UTM parameters. An hour is counted
        some ten minutes after its end.
      </p>
    </>
  )
}

function Share({ rate }: { rate: number | null }) {
  return <td class="right">{rate === null ? '' : formatRate(rate)}</td>
}
