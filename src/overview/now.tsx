import type { Context } from 'hono'
import { HOUR_MS, MAX_AHEAD_MS, MINUTE_MS } from '../event/clock.ts'
import * as z from 'zod'
import { MAX_COUNTED, readState, type State, type StateCounts } from '../db/monitor/state.ts'
import { countWaiting } from './backlog.ts'
import { formatNumber, formatSpan, type Clock } from '../web/format.ts'
import { link, timeInLink, type Query } from '../web/link.ts'

const RECENT_MINUTES = 15
const AHEAD_MS = 10 * MINUTE_MS // clocks differ, but not by more

/**
 * For how long a count serves, in milliseconds for each row that it took: a page that is open renews itself all day,
 * and its share of the rows that the free plan lets it read is to be small. Low counts are always counted again.
 */
const SERVES_MS = { recent: 1_000, quarantined: 2_000, datedAhead: 2_000 } as const
const LOW_COUNT = 10

type CountName = keyof StateCounts
const COUNT_NAMES = Object.keys(SERVES_MS) as CountName[]

/** A count and when it was made: UTC milliseconds. */
type Counted = { count: number; at: number }

/** What was counted before, as the address of the panel has it: `437.1694680203000`. */
const counted = z
  .string()
  .regex(/^\d{1,3}\.\d{1,15}$/, 'has to be a count and when it was made')
  .transform((text): Counted => {
    const [count = 0, at = 0] = text.split('.').map(Number)
    return { count, at }
  })
  .optional()

/** The parameters of `GET /now`: what need not be found out again. */
export const nowQuery = z.strictObject({
  usual: z
    .string()
    .regex(/^(\d{1,15}|unknown)$/, 'has to be milliseconds or unknown')
    .optional(),
  recent: counted,
  quarantined: counted,
  datedAhead: counted,
})

type Known = { readonly [Name in CountName]?: Counted | undefined }

/** What the panel tells, and when that was: UTC milliseconds. */
export type Now = State & {
  now: number
  waiting: number | null
  /** The counts that still serve when the panel is renewed. */
  known: Known
}

/** @param before what was counted before; it is counted again if it is too old */
export async function readNow(
  { env }: Context<{ Bindings: Env }>,
  before: Known = {},
): Promise<Now> {
  const now = Date.now()
  const serves = (name: CountName, { count, at }: Counted) =>
    count >= LOW_COUNT && at <= now && now - at < count * SERVES_MS[name]
  const kept = COUNT_NAMES.flatMap((name) => {
    const given = before[name]
    return given && serves(name, given) ? [[name, given] as const] : []
  })
  const [state, waiting] = await Promise.all([
    readState(
      env.DB,
      { since: now - RECENT_MINUTES * MINUTE_MS, until: now },
      Object.fromEntries(kept.map(([name, { count }]) => [name, count])),
    ),
    countWaiting([env.ACTIVITY_QUEUE, env.DEAD_LETTERS]),
  ])
  const made = COUNT_NAMES.map((name) => [name, { count: state[name], at: now }] as const)
  const known = Object.fromEntries([...made.filter(([name, each]) => serves(name, each)), ...kept])
  return { ...state, now, waiting, known }
}

function toQuery(known: Known): Query {
  return Object.fromEntries(
    COUNT_NAMES.map((name) => {
      const { count, at } = known[name] ?? {}
      return [name, count === undefined ? undefined : `${count}.${at}`]
    }),
  )
}

/** How long the webhook confirmed nothing, replays aside; 0 where it never did. */
export function silenceOf({ now, lastReceivedAt }: Now): number {
  return lastReceivedAt === null ? 0 : Math.max(0, now - lastReceivedAt)
}

/**
 * Whether events arrive. The page renews it by itself.
 *
 * @param usual the longest silence that is usual, in milliseconds; null where that is not known, and
 *   undefined where it does not matter yet
 */
export function NowPanel({
  state,
  usual,
  clock,
}: {
  state: Now
  usual: number | null | undefined
  clock: Clock
}) {
  const { now, lastStoredAt, lastReceivedAt, lagMs, newestAt, recent, waiting, quarantined } = state
  const isAhead = (state.aheadMs ?? 0) > AHEAD_MS && (newestAt ?? 0) > now + AHEAD_MS
  const silence = silenceOf(state)
  const isSilent = typeof usual === 'number' && silence > usual
  const isFilled = (lastStoredAt ?? 0) > (lastReceivedAt ?? 0) + (lagMs ?? 0)
  return (
    <section
      id="now"
      aria-label="Now"
      data-live={link('/now', {
        usual: usual ?? (usual === null ? 'unknown' : undefined),
        ...toQuery(state.known),
      })}
      data-seconds="15"
    >
      <dl class="cards">
        <div class="card">
          <dt>Last event stored</dt>
          <dd>
            <strong class={isSilent ? 'bad' : 'good'}>
              {lastStoredAt === null
                ? 'none yet'
                : `${formatSpan(Math.max(0, now - lastStoredAt))} ago`}
            </strong>
            {lastStoredAt !== null && (
              <time datetime={new Date(lastStoredAt).toISOString()}>
                {clock.exact(lastStoredAt)}
              </time>
            )}
          </dd>
        </div>
        <div class="card">
          <dt>Happened in the last {RECENT_MINUTES} minutes</dt>
          <dd>
            <strong>
              <a
                href={link('/recent', {
                  since: timeInLink(now - RECENT_MINUTES * MINUTE_MS),
                  until: timeInLink(now + 1),
                })}
              >
                {atLeast(recent, MAX_COUNTED.recent)}
              </a>
            </strong>
            {recent === 1 ? 'event' : 'events'}
          </dd>
        </div>
        <div class="card">
          <dt>Waiting in the queue</dt>
          <dd>
            <strong>{waiting === null ? '?' : formatNumber(waiting)}</strong>
            {waiting === null
              ? 'the queue does not tell right now'
              : waiting === 1
                ? 'request'
                : 'requests'}
          </dd>
        </div>
        <div class="card">
          <dt>Set aside</dt>
          <dd>
            <strong class={quarantined > 0 ? 'warn' : undefined}>
              <a href="/set-aside">{atLeast(quarantined, MAX_COUNTED.quarantined)}</a>
            </strong>
            {quarantined === 1 ? 'element that is no event' : 'elements that are no events'}
          </dd>
        </div>
      </dl>
      {isSilent && (
        <p class="note bad" role="status">
          Nothing new has arrived for {formatSpan(silence)}; usual is no longer than{' '}
          {formatSpan(usual ?? 0)}. In Yespo, see whether the webhook is active (Account settings →
          Data export), and press “Send test” there: its answer says what is wrong.
          {isFilled && ' What was stored since was filled from Yespo’s API, or replayed.'}
        </p>
      )}
      {isAhead && newestAt !== null && (
        <p class="note">
          The newest event is dated {formatSpan(newestAt - now)} in the future. Check that
          YESPO_TIME_ZONE matches your Yespo account.
        </p>
      )}
      {state.datedAhead > 0 && (
        <p class="note">
          {atLeast(state.datedAhead, MAX_COUNTED.datedAhead)}{' '}
          {state.datedAhead === 1 ? 'event' : 'events'} of the last 24 hours came with a date more
          than a day in the future.{' '}
          <a href={link('/recent', { since: timeInLink(now + MAX_AHEAD_MS) })}>Show them</a>
        </p>
      )}
      {usual === null && lastStoredAt !== null && silence > 24 * HOUR_MS && (
        <p class="note">
          Nothing new has arrived for {formatSpan(silence)}. Too little has come so far to say
          whether that is usual.
        </p>
      )}
    </section>
  )
}

/** A number that was counted up to a limit. */
function atLeast(count: number, limit: number): string {
  return count < limit ? formatNumber(count) : `${formatNumber(limit)}+`
}
