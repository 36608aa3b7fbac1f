import type { Child } from 'hono/jsx'
import type { ProviderPage } from '../../../db/rollups/providers.ts'
import { toCauseName } from '../../../event/bounce/causes.ts'
import { titleOfProvider } from '../../../event/mailbox-provider.ts'
import { NumberHead, Table } from '../../../web/table.tsx'
import { useViewer } from '../../../web/viewer.tsx'
import { nameOf } from '../../../web/statuses.ts'
import type { Counts } from '../../counts.ts'
import { describeCounts } from '../../providers.ts'
import { limitRates, type Thresholds } from '../../rates.ts'
import { RateText, type LimitedRate } from '../rate.tsx'

const HEADS = ['DELIVERED', 'UNDELIVERED', 'READ', 'CLICKED', 'SPAM', 'UNSUBSCRIBED']
const MAX_CAUSES = 3

/** The results of mailbox providers. */
export function ProviderTable({
  providers,
  thresholds,
}: {
  providers: ProviderPage['providers']
  thresholds: Thresholds
}) {
  const { text } = useViewer()
  return (
    <Table
      label={text('providers.table')}
      heads={[
        text('providers.provider'),
        ...HEADS.map((status) => <NumberHead>{nameOf(status, text)}</NumberHead>),
        text('bounces.causes'),
      ]}
    >
      {providers.map(({ provider, counts }) => (
        <Line provider={provider} line={describeCounts(counts)} thresholds={thresholds} />
      ))}
    </Table>
  )
}

function Line({
  provider,
  line,
  thresholds,
}: {
  provider: string
  line: ReturnType<typeof describeCounts>
  thresholds: Thresholds
}) {
  const { text, number } = useViewer()
  const { delivered, undelivered, read, clicked, spam, unsubscribed, causes } = line
  const rates = limitRates(line.rates, thresholds)
  const title = titleOfProvider(provider)
  return (
    <tr>
      <th scope="row">
        <bdi>{title}</bdi>
      </th>
      <People contacts={delivered.contacts} rate={undefined} />
      <People contacts={undelivered.contacts} rate={rates.undelivered}>
        {undelivered.hard.contacts > 0 && (
          <>
            <small>{text('campaigns.hard', { count: undelivered.hard.contacts })}</small>
            <RateText rate={rates.hardBounced} />
          </>
        )}
      </People>
      <Engaged count={read} rate={rates.read} />
      <Engaged count={clicked} rate={rates.clicked} />
      <People contacts={spam.contacts} rate={rates.spam} />
      <People contacts={unsubscribed.contacts} rate={rates.unsubscribed} />
      <td>
        {causes.slice(0, MAX_CAUSES).map(({ cause, events }) => (
          <small>
            {text('providers.cause', {
              cause: text(`cause.${toCauseName(cause)}.title`),
              events: number(events),
            })}
          </small>
        ))}
      </td>
    </tr>
  )
}

/** People who read or clicked: with machines and, if that is another number, without. */
function Engaged({ count, rate }: { count: Counts['read']; rate: LimitedRate }) {
  const { text } = useViewer()
  const { contacts, withoutMachines } = count
  return (
    <People contacts={contacts} rate={rate}>
      {withoutMachines.contacts !== contacts && (
        <small>{text('campaigns.withoutMachines', { count: withoutMachines.contacts })}</small>
      )}
    </People>
  )
}

function People({
  contacts,
  rate,
  children,
}: {
  contacts: number
  rate: LimitedRate | undefined
  children?: Child
}) {
  const { number } = useViewer()
  return (
    <td class="right">
      {contacts === 0 ? <span class="quiet">0</span> : number(contacts)}
      {contacts > 0 && rate && <RateText rate={rate} />}
      {children}
    </td>
  )
}
