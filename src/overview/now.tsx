import type { Child } from 'hono/jsx'
import * as z from 'zod'
import { HOUR_MS, MAX_AHEAD_MS, MINUTE_MS } from '../event/clock.ts'
import { MAX_COUNTED, readState, type State, type StateCounts } from '../db/monitor/state.ts'
import { readBacklog } from '../monitoring/queues.ts'
import { formatNumber, formatSpan, type Clock } from '../language/format.ts'
import { link, timeInLink, type Query } from '../web/link.ts'
import { Moment } from '../web/moment.tsx'
import type { PageContext } from '../web/viewer.tsx'

const RECENT_MINUTES = 15
const AHEAD_MS = 10 * MINUTE_MS // clocks do not differ by more

type CountName = keyof StateCounts

/**
 * How long a count stays valid, in milliseconds for each row that was read: an open page renews itself all day, and
 * must use only a small share of the rows that the free plan allows. Low counts are always made again.
 */
const VALID_MS: Readonly<Record<CountName, number>> = {
  recent: 1_000,
  quarantined: 2_000,
  datedAhead: 2_000,
}
const LOW_COUNT = 10
const COUNT_NAMES = Object.keys(VALID_MS) as CountName[]

/** A count and when it was made: UTC milliseconds. */
type Counted = { count: number; at: number }

/** An earlier count, as in the URL of the panel: `437.1694680203000`. */
const counted = z
  .string()
  .regex(/^\d{1,3}\.\d{1,15}$/, 'must be a count and its time')
  .transform((text): Counted => {
    const [count = 0, at = 0] = text.split('.').map(Number)
    return { count, at }
  })
  .optional()

/** The parameters of `GET /now`: values that need not be computed again. */
export const nowQuery = z.strictObject({
  normal: z
    .string()
    .regex(/^(\d{1,15}|unknown)$/, 'must be milliseconds or unknown')
    .optional(),
  recent: counted,
  quarantined: counted,
  datedAhead: counted,
})

type KnownCounts = { readonly [Name in CountName]?: Counted | undefined }

/** The state that the panel shows. */
export type Now = State & {
  /** UTC milliseconds. */
  at: number
  /** Messages in the queues; null if a queue does not report it. */
  waiting: number | null
  /** The counts that are still valid when the panel is renewed. */
  known: KnownCounts
}

/** @param before earlier counts, used if they are still valid */
export async function readNow({ env }: PageContext, before: KnownCounts = {}): Promise<Now> {
  const at = Date.now()
  const isValid = (name: CountName, made: Counted) =>
    made.count >= LOW_COUNT && made.at <= at && at - made.at < made.count * VALID_MS[name]
  const kept = COUNT_NAMES.flatMap((name) => {
    const made = before[name]
    return made && isValid(name, made) ? [[name, made] as const] : []
  })
  const [state, waiting] = await Promise.all([
    readState(
      env.DB,
      { since: at - RECENT_MINUTES * MINUTE_MS, until: at },
      Object.fromEntries(kept.map(([name, { count }]) => [name, count])),
    ),
    countWaiting([env.ACTIVITY_QUEUE, env.DEAD_LETTERS]),
  ])
  const made = COUNT_NAMES.map((name) => [name, { count: state[name], at }] as const)
  const known = Object.fromEntries([...made.filter(([name, each]) => isValid(name, each)), ...kept])
  return { ...state, at, waiting, known }
}

async function countWaiting(queues: readonly Queue[]): Promise<number | null> {
  const backlogs = await Promise.all(queues.map(readBacklog))
  return backlogs.reduce<number | null>(
    (sum, backlog) => (sum === null || backlog === null ? null : sum + backlog.waiting),
    0,
  )
}

function toQuery(known: KnownCounts): Query {
  return Object.fromEntries(
    COUNT_NAMES.map((name) => {
      const { count, at } = known[name] ?? {}
      return [name, count === undefined ? undefined : `${count}.${at}`]
    }),
  )
}

/** Milliseconds since the webhook last delivered something; 0 if it never did. */
export function silenceOf({ at, lastReceivedAt }: Now): number {
  return lastReceivedAt === null ? 0 : Math.max(0, at - lastReceivedAt)
}

/**
 * The panel that shows whether events arrive. The page renews it.
 *
 * @param normalMs the longest normal silence; null if it is unknown, undefined if it is not needed yet
 */
export function NowPanel({
  now,
  normalMs,
}: {
  now: Now
  normalMs: number | null | undefined
  clock: Clock
}) {
  const { at, lastStoredAt, recent, waiting, quarantined } = now
  const silence = silenceOf(now)
  const isSilent = typeof normalMs === 'number' && silence > normalMs
  const normal = normalMs === null ? 'unknown' : normalMs
  return (
    <section
      id="now"
      aria-label="Now"
      data-live={link('/now', { normal, ...toQuery(now.known) })}
      data-seconds="15"
    >
      <dl class="cards">
        <Card
          title="Last event stored"
          value={
            lastStoredAt === null ? 'none yet' : `${formatSpan(Math.max(0, at - lastStoredAt))} ago`
          }
          tone={isSilent ? 'bad' : 'good'}
        >
          {lastStoredAt !== null && <Moment time={lastStoredAt} />}
        </Card>
        <Card
          title={`Events, last ${RECENT_MINUTES} min`}
          value={
            <a
              href={link('/recent', {
                since: timeInLink(at - RECENT_MINUTES * MINUTE_MS),
                until: timeInLink(at + 1),
              })}
            >
              {atLeast(recent, MAX_COUNTED.recent)}
            </a>
          }
        />
        <Card title="In the queue" value={waiting === null ? '?' : formatNumber(waiting)}>
          {waiting === null ? 'currently unavailable' : waiting === 1 ? 'request' : 'requests'}
        </Card>
        <Card
          title="Quarantine"
          value={<a href="/quarantine">{atLeast(quarantined, MAX_COUNTED.quarantined)}</a>}
          tone={quarantined > 0 ? 'warn' : undefined}
        >
          {quarantined === 1 ? 'quarantined item' : 'quarantined items'}
        </Card>
      </dl>
      {isSilent && <SilenceNote now={now} normalMs={normalMs} />}
      {normalMs === null && lastStoredAt !== null && silence > 24 * HOUR_MS && (
        <p class="note">
          No new events for {formatSpan(silence)}. There is too little data yet to say whether that
          is normal.
        </p>
      )}
      <DateNotes now={now} />
    </section>
  )
}

function Card({
  title,
  value,
  tone,
  children,
}: {
  title: string
  value: Child
  tone?: 'good' | 'warn' | 'bad' | undefined
  children?: Child
}) {
  return (
    <div class="card">
      <dt>{title}</dt>
      <dd>
        <strong class={tone}>{value}</strong>
        {children}
      </dd>
    </div>
  )
}

function SilenceNote({ now, normalMs }: { now: Now; normalMs: number }) {
  const { lastStoredAt, lastReceivedAt, lagMs } = now
  const isFilled = (lastStoredAt ?? 0) > (lastReceivedAt ?? 0) + (lagMs ?? 0)
  return (
    <p class="note bad" role="status">
      No new events for {formatSpan(silenceOf(now))}; the longest normal gap is{' '}
      {formatSpan(normalMs)}. In Yespo, check that the webhook is active (Account settings → Data
      export), and press “Send test” there: its response says what is wrong.
      {isFilled && ' Events stored since were filled in from Yespo’s API, or replayed.'}
    </p>
  )
}

/** Notes on events that are dated in the future. */
function DateNotes({ now: { at, newestAt, aheadMs, datedAhead } }: { now: Now }) {
  const isAhead = newestAt !== null && (aheadMs ?? 0) > AHEAD_MS && newestAt > at + AHEAD_MS
  return (
    <>
      {isAhead && (
        <p class="note">
          The newest event is dated {formatSpan(newestAt - at)} in the future. Check that
          YESPO_TIME_ZONE matches your Yespo account.
        </p>
      )}
      {datedAhead > 0 && (
        <p class="note">
          {atLeast(datedAhead, MAX_COUNTED.datedAhead)} {datedAhead === 1 ? 'event' : 'events'} of
          the last 24 hours came with a date more than a day in the future.{' '}
          <a href={link('/recent', { since: timeInLink(at + MAX_AHEAD_MS) })}>Show them</a>
        </p>
      )}
    </>
  )
}

/** A number that was counted only up to a limit. */
function atLeast(count: number, limit: number): string {
  return count < limit ? formatNumber(count) : `${formatNumber(limit)}+`
}
