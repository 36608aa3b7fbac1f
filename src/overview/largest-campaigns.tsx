import type { Group } from '../db/reports/breakdown.ts'
import type { Rate, RateName } from '../db/reports/rates.ts'
import { shorten } from '../platform/cut-text.ts'
import { toCounts } from '../reports/counts.ts'
import { toLimitedRates, type Thresholds } from '../reports/rates.ts'
import { channelName } from '../web/channel-name.ts'
import { link, type Query } from '../web/link.ts'
import { NumberHead, Table } from '../web/table.tsx'
import { useViewer } from '../web/viewer.tsx'
import { Mark } from './mark.tsx'
import { thresholdOf } from './results.tsx'

const MAX_NAME = 80 // characters

const RATES = [
  'read',
  'clicked',
  'undelivered',
  'spam',
  'unsubscribed',
] as const satisfies readonly RateName[]

/** The campaigns that were delivered to most people. @param time the parameters of the period */
export function LargestCampaigns({
  groups,
  thresholds,
  time,
}: {
  groups: readonly Group[]
  thresholds: Thresholds
  time: Query
}) {
  const { text } = useViewer()
  if (groups.length === 0) return null
  return (
    <section>
      <h2 id="largest">{text('overview.largest')}</h2>
      <Table
        label={text('overview.largest')}
        heads={[
          text('overview.campaign'),
          <NumberHead>{text('results.delivered')}</NumberHead>,
          ...RATES.map((name) => <NumberHead>{text(`results.${name}`)}</NumberHead>),
        ]}
      >
        {groups.map((group) => (
          <Campaign group={group} thresholds={thresholds} time={time} />
        ))}
      </Table>
      <p>
        <a href={link('/campaigns', { ...time, sort: 'largest' })}>
          {text('overview.allCampaigns')}
        </a>
      </p>
    </section>
  )
}

function Campaign({
  group: { key, campaign, counts },
  thresholds,
  time,
}: {
  group: Group
  thresholds: Thresholds
  time: Query
}) {
  const { text, number } = useViewer()
  const rates = toLimitedRates(counts, thresholds)
  const name = String(campaign.messageName ?? '').trim() || text('event.message', { id: key })
  return (
    <tr>
      <th scope="row">
        <a href={link(`/campaigns/${key}`, time)}>
          <bdi>{shorten(name, MAX_NAME)}</bdi>
        </a>{' '}
        {campaign.mediaType !== null && (
          <small>
            <bdi>{channelName(String(campaign.mediaType), text)}</bdi>
          </small>
        )}
      </th>
      <td class="right">{number(toCounts(counts).delivered.contacts)}</td>
      {RATES.map((each) => (
        <td class="right">
          <Share rate={rates[each]} />
          <Mark threshold={thresholdOf(each, rates)} isHard={each === 'undelivered'} />
        </td>
      ))}
    </tr>
  )
}

function Share({ rate: { rate: share } }: { rate: Rate }) {
  const { rate } = useViewer()
  return <>{share === null ? '–' : rate(share)}</>
}
