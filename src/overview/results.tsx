import type { Child } from 'hono/jsx'
import type { Count } from '../db/reports/totals.ts'
import type { RateName } from '../db/reports/rates.ts'
import { compareCounts } from '../reports/comparison.ts'
import { toCounts } from '../reports/counts.ts'
import { toLimitedRates, type Thresholds } from '../reports/rates.ts'
import { link, type Query } from '../web/link.ts'
import { useViewer } from '../web/viewer.tsx'
import { Mark } from './mark.tsx'

/** The rates that people look at, with the status of their events. */
const RATES = [
  { name: 'read', status: 'READ' },
  { name: 'clicked', status: 'CLICKED' },
  { name: 'undelivered', status: 'UNDELIVERED' },
  { name: 'spam', status: 'SPAM' },
  { name: 'unsubscribed', status: 'UNSUBSCRIBED' },
] as const satisfies readonly { name: RateName; status: string }[]

/**
 * What became of the messages of a period, and how that has changed.
 *
 * @param before of the period before
 * @param rows selects the events of the period
 */
export function Results({
  counts,
  before,
  thresholds,
  rows,
}: {
  counts: readonly Count[]
  before: readonly Count[]
  thresholds: Thresholds
  rows: Query
}) {
  const { text, number, rate, change, points } = useViewer()
  const contacts = toCounts(counts)
  const rates = toLimitedRates(counts, thresholds)
  const compared = compareCounts(counts, before)
  const { delivered } = compared.changes.contacts
  return (
    <dl class="cards results">
      <Result
        title={text('results.delivered')}
        value={number(contacts.delivered.contacts)}
        people={text('results.attempted', { count: number(rates.undelivered.denominator) })}
        change={delivered === null ? undefined : change(delivered)}
        before={number(compared.before.delivered.contacts)}
        href={link('/recent', { ...rows, activityStatus: 'DELIVERED' })}
      />
      {RATES.map(({ name, status }) => {
        const { rate: share, numerator } = rates[name]
        const earlier = compared.before.rates[name].rate
        const difference = compared.changes.rates[name]
        return (
          <Result
            title={text(`results.${name}`)}
            value={share === null ? '–' : rate(share)}
            people={text('results.people', { count: numerator })}
            change={
              difference === null
                ? undefined
                : text('results.points', { points: points(difference) })
            }
            before={earlier === null ? undefined : rate(earlier)}
            href={link('/recent', { ...rows, activityStatus: status })}
            mark={<Mark threshold={thresholdOf(name, rates)} isHard={name === 'undelivered'} />}
          />
        )
      })}
    </dl>
  )
}

type Rates = ReturnType<typeof toLimitedRates>

/** The threshold next to a rate: next to all bounces, that of hard ones. */
export function thresholdOf(name: RateName, { hardBounced, spam }: Rates) {
  if (name === 'spam') return spam.threshold
  return name === 'undelivered' ? hardBounced.threshold : undefined
}

function Result({
  title,
  value,
  people,
  change,
  before,
  href,
  mark,
}: {
  title: string
  value: string
  people: string
  change: string | undefined
  before: string | undefined
  href: string
  mark?: Child
}) {
  const { text } = useViewer()
  return (
    <div class="card">
      <dt>{title}</dt>
      <dd>
        <strong>
          <a href={href}>{value}</a>
        </strong>
        {people}
        {change !== undefined && before !== undefined && (
          <span class="change" title={text('results.before', { before })}>
            {change}
          </span>
        )}
        {mark}
      </dd>
    </div>
  )
}
