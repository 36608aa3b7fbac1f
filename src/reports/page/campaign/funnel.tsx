import type { Count } from '../../../db/reports/totals.ts'
import { divide, type Rate } from '../../../db/reports/rates.ts'
import type { Outcome } from '../../../event/outcome.ts'
import type { TextKey } from '../../../language/messages.ts'
import type { Query } from '../../../web/link.ts'
import { NumberHead, Table } from '../../../web/table.tsx'
import { useViewer } from '../../../web/viewer.tsx'
import { toCounts } from '../../counts.ts'
import { toLimitedRates, type Thresholds } from '../../rates.ts'
import { PeopleLinks } from '../people/people-links.tsx'
import { RateText, type LimitedRate } from '../rate.tsx'
import { ShareBar } from '../share-bar.tsx'

type Step = {
  title: TextKey
  people: number
  rate?: LimitedRate
  withoutMachines?: Rate
  tone: string
  /** What selects these people. */
  did: Outcome[]
  didNot?: Outcome
}

/** What became of a campaign, from the people it was sent to down to those who clicked. @param people selects all of them */
export function Funnel({
  counts,
  thresholds,
  people,
}: {
  counts: readonly Count[]
  thresholds: Thresholds
  people: Query
}) {
  const { text } = useViewer()
  return (
    <Table
      label={text('campaign.funnel')}
      class="funnel fits"
      heads={[
        text('campaign.step'),
        <NumberHead>{text('campaign.people')}</NumberHead>,
        <td class="wide-only"></td>,
        <NumberHead>{text('campaign.share')}</NumberHead>,
        <th class="print-none">{text('campaign.list')}</th>,
      ]}
    >
      {listSteps(counts, thresholds).map((step) => (
        <StepLine step={step} people={people} />
      ))}
    </Table>
  )
}

function StepLine({ step, people }: { step: Step; people: Query }) {
  const { text, number, rate: formatRate } = useViewer()
  const { title, people: count, rate, withoutMachines, tone, did, didNot } = step
  return (
    <tr>
      <th scope="row">
        {text(title)}
        {withoutMachines && withoutMachines.numerator !== count && (
          <small>
            {text('campaign.human', {
              people: number(withoutMachines.numerator),
              share: formatRate(withoutMachines.rate ?? 0),
            })}
          </small>
        )}
      </th>
      <td class="right">{number(count)}</td>
      <td class="wide-only">{rate?.rate ? <ShareBar share={rate.rate} tone={tone} /> : null}</td>
      <td class="right">{rate && <RateText rate={rate} />}</td>
      <td class="print-none">
        {count > 0 && (
          <PeopleLinks
            query={{ ...people, did: did.join(',') || undefined, didNot }}
            name={text(title)}
          />
        )}
      </td>
    </tr>
  )
}

function listSteps(counts: readonly Count[], thresholds: Thresholds): Step[] {
  const { sent, delivered, undelivered } = toCounts(counts)
  const rates = toLimitedRates(counts, thresholds)
  const attempted = rates.undelivered.denominator
  const unread = delivered.contacts - rates.read.numerator
  const steps: Step[] = [
    { title: 'campaign.attempted', people: attempted, tone: 'sent', did: [] },
    {
      title: 'status.DELIVERED',
      people: delivered.contacts,
      rate: divide(delivered.contacts, attempted),
      tone: 'delivered',
      did: ['delivered'],
    },
    {
      title: 'status.READ',
      people: rates.read.numerator,
      rate: rates.read,
      withoutMachines: rates.readWithoutMachines,
      tone: 'read',
      did: ['read'],
    },
    {
      title: 'status.CLICKED',
      people: rates.clicked.numerator,
      rate: rates.clicked,
      withoutMachines: rates.clickedWithoutMachines,
      tone: 'clicked',
      did: ['clicked'],
    },
    {
      title: 'campaign.unread',
      people: Math.max(0, unread),
      rate: divide(Math.max(0, unread), delivered.contacts),
      tone: 'other',
      did: ['delivered'],
      didNot: 'read',
    },
    {
      title: 'campaign.unsubscribed',
      people: rates.unsubscribed.numerator,
      rate: rates.unsubscribed,
      tone: 'unsubscribed',
      did: ['unsubscribed'],
    },
    {
      title: 'campaign.complained',
      people: rates.spam.numerator,
      rate: rates.spam,
      tone: 'spam',
      did: ['complained'],
    },
    {
      title: 'campaign.hardBounced',
      people: rates.hardBounced.numerator,
      rate: rates.hardBounced,
      tone: 'undelivered',
      did: ['hardBounced'],
    },
    {
      title: 'campaign.softBounced',
      people: undelivered.soft.contacts,
      rate: divide(undelivered.soft.contacts, attempted),
      tone: 'undelivered',
      did: ['bounced'],
      didNot: 'hardBounced',
    },
  ]
  if (sent.contacts === 0) return steps
  const [first, ...others] = steps
  const sentStep: Step = {
    title: 'status.SENT',
    people: sent.contacts,
    tone: 'sent',
    did: ['sent'],
  }
  return first ? [sentStep, first, ...others] : steps
}
