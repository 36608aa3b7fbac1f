import * as z from 'zod'
import { HOUR_MS, MAX_AHEAD_MS, MINUTE_MS } from '../event/clock.ts'
import { countAlerts } from '../db/monitor/alerts.ts'
import { MAX_COUNTED, readState, type State, type StateCounts } from '../db/monitor/state.ts'
import { link, timeInLink, type Query } from '../web/link.ts'
import { useViewer, type PageContext } from '../web/viewer.tsx'

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

/** An earlier count, as in the URL of the line: `437.1694680203000`. */
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

/** The state that the line shows. */
export type Now = State & {
  /** UTC milliseconds. */
  at: number
  /** The number of problems of the receiver. */
  problems: number
  /** The counts that are still valid when the line is renewed. */
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
  const [state, problems] = await Promise.all([
    readState(
      env.DB,
      { since: at - RECENT_MINUTES * MINUTE_MS, until: at },
      Object.fromEntries(kept.map(([name, { count }]) => [name, count])),
    ),
    countAlerts(env.DB),
  ])
  const made = COUNT_NAMES.map((name) => [name, { count: state[name], at }] as const)
  const known = Object.fromEntries([...made.filter(([name, each]) => isValid(name, each)), ...kept])
  return { ...state, at, problems, known }
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

/** A longest normal silence in milliseconds; null if it is unknown, undefined if it is not needed yet. */
type Normal = number | null | undefined

/** A line that tells whether events arrive, with notes if something is odd. The page renews it. */
export function NowLine({ now, normalMs }: { now: Now; normalMs: Normal }) {
  const { lastStoredAt } = now
  const silence = silenceOf(now)
  const normal = normalMs === null ? 'unknown' : normalMs
  const { text, span } = useViewer()
  const isUncertain = normalMs === null && lastStoredAt !== null && silence > 24 * HOUR_MS
  return (
    <section
      id="now"
      aria-label={text('now.label')}
      data-live={link('/now', { normal, ...toQuery(now.known) })}
      data-seconds="15"
    >
      <Arrival
        now={now}
        tone={toneOf(now, normalMs, isUncertain)}
        isSilent={isSilent(now, normalMs)}
      />
      {isSilent(now, normalMs) && <SilenceNote now={now} normalMs={normalMs ?? 0} />}
      {isUncertain && <p class="note">{text('now.uncertain', { span: span(silence) })}</p>}
      <DateNotes now={now} />
    </section>
  )
}

type Tone = 'good' | 'warn' | 'bad'

function isSilent(now: Now, normalMs: Normal): boolean {
  return typeof normalMs === 'number' && silenceOf(now) > normalMs
}

function toneOf(now: Now, normalMs: Normal, isUncertain: boolean): Tone {
  if (isSilent(now, normalMs)) return 'bad'
  return isUncertain || now.quarantined > 0 || now.problems > 0 ? 'warn' : 'good'
}

function Arrival({ now, tone, isSilent: hasStopped }: { now: Now; tone: Tone; isSilent: boolean }) {
  const { at, lastStoredAt, recent, quarantined, problems } = now
  const { text, rich, ago, clock } = useViewer()
  const atLeast = useAtLeast()
  const recentLink = link('/recent', {
    since: timeInLink(at - RECENT_MINUTES * MINUTE_MS),
    until: timeInLink(at + 1),
  })
  return (
    <p class="arrival">
      <span class={`light ${tone}`} aria-hidden="true"></span>
      <b>{text(hasStopped ? 'now.silent' : 'now.arriving')}</b>{' '}
      {lastStoredAt !== null && (
        <time datetime={new Date(lastStoredAt).toISOString()} title={clock.exact(lastStoredAt)}>
          {text('now.last', { ago: ago(Math.max(1_000, at - lastStoredAt)) })}
        </time>
      )}{' '}
      <span>
        {rich('now.recent', {
          count: atLeast(recent, MAX_COUNTED.recent),
          link: (content) => <a href={recentLink}>{content}</a>,
        })}
      </span>{' '}
      {quarantined > 0 && (
        <span class="warn">
          {rich('now.quarantined', {
            count: atLeast(quarantined, MAX_COUNTED.quarantined),
            link: (content) => <a href="/quarantine">{content}</a>,
          })}
        </span>
      )}{' '}
      {problems > 0 ? (
        <a class="bad" href="/status">
          {text('now.problems', { count: problems })}
        </a>
      ) : (
        <a href="/status">{text('now.details')}</a>
      )}
    </p>
  )
}

function SilenceNote({ now, normalMs }: { now: Now; normalMs: number }) {
  const { lastStoredAt, lastReceivedAt, lagMs } = now
  const { text, span } = useViewer()
  const isFilled = (lastStoredAt ?? 0) > (lastReceivedAt ?? 0) + (lagMs ?? 0)
  return (
    <p class="note bad" role="status">
      {text('now.silence', { span: span(silenceOf(now)), normal: span(normalMs) })}
      {isFilled && ` ${text('now.filled')}`}
    </p>
  )
}

/** Notes on events that are dated in the future. */
function DateNotes({ now: { at, newestAt, aheadMs, datedAhead } }: { now: Now }) {
  const { text, rich, span } = useViewer()
  const atLeast = useAtLeast()
  const isAhead = newestAt !== null && (aheadMs ?? 0) > AHEAD_MS && newestAt > at + AHEAD_MS
  return (
    <>
      {isAhead && <p class="note">{text('now.ahead', { span: span(newestAt - at) })}</p>}
      {datedAhead > 0 && (
        <p class="note">
          {rich('now.datedAhead', {
            count: atLeast(datedAhead, MAX_COUNTED.datedAhead),
            link: (content) => (
              <a href={link('/recent', { since: timeInLink(at + MAX_AHEAD_MS) })}>{content}</a>
            ),
          })}
        </p>
      )}
    </>
  )
}

/** Formats a number that was counted only up to a limit. */
function useAtLeast(): (count: number, limit: number) => string {
  const { number } = useViewer()
  return (count, limit) => (count < limit ? number(count) : `${number(limit)}+`)
}
