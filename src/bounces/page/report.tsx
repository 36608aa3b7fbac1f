import { explainCauses, groupReasons } from '../api.ts'
import type { CauseCount, CauseCounts } from '../../db/reports/bounce-causes.ts'
import type { Bounces } from '../../db/reports/bounces.ts'
import { CAUSES } from '../../event/bounce/causes.ts'
import { shorten } from '../../platform/cut-text.ts'
import { formatNumber, formatRate } from '../../language/format.ts'
import { isLinkable, link, type Query } from '../../web/link.ts'
import { BounceTable, type BounceLine } from './table.tsx'

const MAX_LINES = 50
const MAX_TEXT = 200 // characters

/** What bounces are due to, and what to do about it. */
export function CauseReport({ counts }: { counts: CauseCounts }) {
  const { causes, waitingHours, complete } = counts
  const all = causes.reduce((sum, { events }) => sum + events, 0)
  return (
    <>
      <h2>Causes</h2>
      <BounceTable noun="Cause" lines={toCauseLines(causes)} all={all} />
      <p class="note">
        All bounces of these hours, also archived ones.
        {waitingHours > 0 &&
          ` Not counted yet: ${formatNumber(waitingHours)} ${waitingHours === 1 ? 'hour' : 'hours'}.`}
        {!complete && ' Too much data for one page: only the newest bounces are counted.'}
      </p>
    </>
  )
}

function toCauseLines(causes: readonly CauseCount[]): BounceLine[] {
  return explainCauses(causes).map(({ title, meaning, advice, events, hard, soft }) => ({
    name: title,
    details: [meaning, advice],
    events,
    hard,
    soft,
    rows: undefined,
  }))
}

/** The number of bounces, by kind. @param rows selects all of them */
export function BounceTotals({ bounces, rows }: { bounces: Bounces; rows: Query }) {
  const { events, hard, soft } = bounces
  const share = (part: number) => formatRate(part / events)
  return (
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
  )
}

/** The bounces of each reason and domain. @param rows selects all of them */
export function BounceReport({ bounces, rows }: { bounces: Bounces; rows: Query }) {
  const domains = toDomainLines(bounces, rows)
  return (
    <>
      <h2>Reasons</h2>
      <Lines noun="Reason" lines={toReasonLines(bounces, rows)} all={bounces.events} />
      {domains.length > 0 && (
        <>
          <h2>Domains</h2>
          <Lines noun="Domain" lines={domains} all={bounces.events} />
        </>
      )}
    </>
  )
}

function toReasonLines({ descriptions }: Bounces, rows: Query): BounceLine[] {
  return groupReasons(descriptions).map(({ reason, cause, example, ...counts }) => ({
    ...counts,
    name: shorten(reason ?? 'No reason given', MAX_TEXT),
    details: [
      ...(example === null || example === reason ? [] : [shorten(example, MAX_TEXT)]),
      ...(cause === 'unknown' ? [] : [CAUSES[cause].title]),
    ],
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
    name: domain?.trim() ? shorten(domain, MAX_TEXT) : '(no domain)',
    details: [],
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
