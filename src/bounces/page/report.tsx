import { groupReasons } from '../api.ts'
import type { Bounces } from '../../db/reports/bounces.ts'
import { formatNumber, formatRate } from '../../web/format.ts'
import { isLinkable, link, type Query } from '../../web/link.ts'
import { BounceTable, type BounceLine } from './table.tsx'

const MAX_LINES = 50

/** The number of bounces, by kind, reason and domain. @param rows selects all of them */
export function BounceReport({ bounces, rows }: { bounces: Bounces; rows: Query }) {
  const { events, hard, soft } = bounces
  const share = (part: number) => formatRate(part / events)
  const domains = toDomainLines(bounces, rows)
  return (
    <>
      <dl class="cards">
        <Total name="Bounces" events={events} rows={rows} note="undelivered messages" />
        <Total
          name="Hard"
          events={hard}
          rows={{ ...rows, hardBounce: 'true' }}
          note={`${share(hard)}. Permanent: stop using this address`}
        />
        <Total
          name="Soft"
          events={soft}
          rows={{ ...rows, hardBounce: 'false' }}
          note={`${share(soft)}. Temporary: may succeed later`}
        />
      </dl>
      <h2>Reasons</h2>
      <Lines noun="Reason" lines={toReasonLines(bounces, rows)} all={events} />
      {domains.length > 0 && (
        <>
          <h2>Domains</h2>
          <Lines noun="Domain" lines={domains} all={events} />
        </>
      )}
    </>
  )
}

function toReasonLines({ descriptions }: Bounces, rows: Query): BounceLine[] {
  return groupReasons(descriptions).map(({ reason, example, ...counts }) => ({
    ...counts,
    name: reason ?? 'No reason given',
    example: example === reason ? null : example,
    rows:
      reason === null
        ? { ...rows, hasReason: 'false' }
        : isLinkable(reason, false)
          ? { ...rows, reason }
          : undefined,
  }))
}

function toDomainLines({ domains }: Bounces, rows: Query): BounceLine[] {
  return domains.map(({ value: domain, ...counts }) => ({
    ...counts,
    name: domain?.trim() ? domain : '(no domain)',
    example: null,
    rows: domain !== null && isLinkable(domain, false) ? { ...rows, domain } : undefined,
  }))
}

function Total({
  name,
  events,
  rows,
  note,
}: {
  name: string
  events: number
  rows: Query
  note: string
}) {
  return (
    <div class="card">
      <dt>{name}</dt>
      <dd>
        <strong>
          <a href={link('/recent', rows)}>{formatNumber(events)}</a>
        </strong>
        {note}
      </dd>
    </div>
  )
}

function Lines({ noun, lines, all }: { noun: string; lines: BounceLine[]; all: number }) {
  const others = lines.length - MAX_LINES
  return (
    <>
      <BounceTable noun={noun} lines={lines.slice(0, MAX_LINES)} all={all} />
      {others > 0 && (
        <p class="quiet">
          And {formatNumber(others)} rarer {noun.toLowerCase()}s.
        </p>
      )}
    </>
  )
}
