import { groupReasons } from '../api.ts'
import type { Bounces } from '../../db/reports/bounces.ts'
import { BounceTable, type BounceLine } from './table.tsx'
import { formatNumber, formatRate } from '../../web/format.ts'
import { isLinkable, link, type Query } from '../../web/link.ts'

const MAX_LINES = 50

/** How much bounced, why, and where. @param rows what asks for all of it */
export function BounceReport({ found, rows }: { found: Bounces; rows: Query }) {
  const share = (events: number) => formatRate(events / found.events)
  const domains = toDomainLines(found, rows)
  return (
    <>
      <dl class="cards">
        <Total
          name="Bounces"
          events={found.events}
          rows={rows}
          note="messages that were not delivered"
        />
        <Total
          name="Hard"
          events={found.hard}
          rows={{ ...rows, hardBounce: 'true' }}
          note={`${share(found.hard)}: the address is not to be used again`}
        />
        <Total
          name="Soft"
          events={found.soft}
          rows={{ ...rows, hardBounce: 'false' }}
          note={`${share(found.soft)}: may work another time`}
        />
      </dl>
      <h2>Reasons</h2>
      <Lines what="Reason" lines={toReasonLines(found, rows)} all={found.events} />
      {domains.length > 0 && (
        <>
          <h2>Domains</h2>
          <Lines what="Domain" lines={domains} all={found.events} />
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
  return domains.map(({ what, ...counts }) => ({
    ...counts,
    name: what?.trim() ? what : '(no domain)',
    example: null,
    rows: what !== null && isLinkable(what, false) ? { ...rows, domain: what } : undefined,
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

function Lines({ what, lines, all }: { what: string; lines: BounceLine[]; all: number }) {
  const others = lines.length - MAX_LINES
  return (
    <>
      <BounceTable what={what} lines={lines.slice(0, MAX_LINES)} all={all} />
      {others > 0 && (
        <p class="quiet">
          And {formatNumber(others)} rarer {what.toLowerCase()}s.
        </p>
      )}
    </>
  )
}
