import { groupReasons } from '../api.ts'
import type { CauseCounts } from '../../db/reports/bounce-causes.ts'
import type { Bounces } from '../../db/reports/bounces.ts'
import { shorten } from '../../platform/cut-text.ts'
import { BounceTable, CauseTable, type BounceLine } from '../../reports/page/bounce-table.tsx'
import { isLinkable, link, type Query } from '../../web/link.ts'
import { useViewer, type Viewer } from '../../web/viewer.tsx'

const MAX_LINES = 25
const MAX_TEXT = 200 // characters

/** What bounces are due to, and what to do about it. */
export function CauseReport({ counts }: { counts: CauseCounts }) {
  const { text } = useViewer()
  const { causes, waitingHours, complete } = counts
  return (
    <>
      <h2>{text('bounces.causes')}</h2>
      <CauseTable causes={causes} />
      <p class="quiet">{text('bounces.causes.note')}</p>
      {waitingHours > 0 && <p class="quiet">{text('bounces.waiting', { hours: waitingHours })}</p>}
      {!complete && <p class="note warn">{text('bounces.tooMuch')}</p>}
    </>
  )
}

/** The number of bounces, by kind. @param rows selects all of them */
export function BounceTotals({ bounces, rows }: { bounces: Bounces; rows: Query }) {
  const { text, rate } = useViewer()
  const { events, hard, soft } = bounces
  return (
    <dl class="cards">
      <Total
        name={text('bounces.total')}
        events={events}
        rows={rows}
        note={text('bounces.total.note')}
      />
      <Total
        name={text('bounces.hard')}
        events={hard}
        rows={{ ...rows, hardBounce: 'true' }}
        note={text('bounces.hard.note', { share: rate(hard / events) })}
      />
      <Total
        name={text('bounces.soft')}
        events={soft}
        rows={{ ...rows, hardBounce: 'false' }}
        note={text('bounces.soft.note', { share: rate(soft / events) })}
      />
    </dl>
  )
}

/** The bounces of each reason and domain. @param rows selects all of them */
export function BounceReport({ bounces, rows }: { bounces: Bounces; rows: Query }) {
  const { text } = useViewer()
  const reasons = toReasonLines(bounces, rows, text)
  const domains = toDomainLines(bounces, rows, text)
  return (
    <>
      <h2>{text('bounces.reasons')}</h2>
      <BounceTable
        label={text('bounces.byReason')}
        noun={text('bounces.reason')}
        lines={reasons.slice(0, MAX_LINES)}
        all={bounces.events}
      />
      {reasons.length > MAX_LINES && (
        <p class="quiet">{text('bounces.reasons.others', { count: reasons.length - MAX_LINES })}</p>
      )}
      {domains.length > 0 && (
        <>
          <h2>{text('bounces.domains')}</h2>
          <BounceTable
            label={text('bounces.byDomain')}
            noun={text('bounces.domain')}
            lines={domains.slice(0, MAX_LINES)}
            all={bounces.events}
          />
        </>
      )}
      {domains.length > MAX_LINES && (
        <p class="quiet">{text('bounces.domains.others', { count: domains.length - MAX_LINES })}</p>
      )}
    </>
  )
}

function toReasonLines({ descriptions }: Bounces, rows: Query, text: Viewer['text']): BounceLine[] {
  return groupReasons(descriptions).map(({ reason, cause, example, ...counts }) => ({
    ...counts,
    name: shorten(reason ?? text('bounces.noReason'), MAX_TEXT),
    details: [
      ...(example === null || example === reason ? [] : [shorten(example, MAX_TEXT)]),
      ...(cause === 'unknown' ? [] : [text(`cause.${cause}.title`)]),
    ],
    rows:
      reason === null
        ? { ...rows, hasReason: 'false' }
        : isLinkable(reason, false)
          ? { ...rows, reason }
          : undefined,
  }))
}

function toDomainLines({ domains }: Bounces, rows: Query, text: Viewer['text']): BounceLine[] {
  return domains.map(({ value: domain, ...counts }) => ({
    ...counts,
    name: domain?.trim() ? shorten(domain, MAX_TEXT) : text('bounces.noDomain'),
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
  const { number } = useViewer()
  return (
    <div class="card">
      <dt>{name}</dt>
      <dd>
        <strong>
          <a href={link('/recent', rows)}>{number(events)}</a>
        </strong>
        {note}
      </dd>
    </div>
  )
}
