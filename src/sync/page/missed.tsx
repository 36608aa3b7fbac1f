import { DAY_MS } from '../../event/clock.ts'
import { addUp, rate } from '../coverage.ts'
import { isScheduled, readReadingState, type ReadingState } from '../state.ts'
import { readsApi } from '../../settings/settings.ts'
import { readCoverage, type Seen } from '../../db/sync/coverage.ts'
import { formatCount } from '../../web/count.ts'
import { formatNumber, type Clock } from '../../web/format.ts'
import { Moment } from '../../web/facts.tsx'

const DAYS = 7
const PERIOD_MS = DAYS * DAY_MS

/** What Yespo's API tells of the webhook's last days; `reading` is null where it is read on demand alone. */
export type Missed = { seen: Seen; reading: ReadingState | null }

/** Undefined where the API is not read. */
export async function readMissed(env: Env, now: number): Promise<Missed | undefined> {
  if (!readsApi(env)) return undefined
  const [{ lines }, reading] = await Promise.all([
    readCoverage(env.DB, { since: now - PERIOD_MS, until: now }, PERIOD_MS),
    isScheduled(env) ? readReadingState(env.DB, now) : null,
  ])
  return { seen: addUp(lines), reading }
}

/** Says whether the webhook confirmed everything, and why that is not known where the API cannot be read. */
export function MissedNote({ missed, clock }: { missed: Missed | undefined; clock: Clock }) {
  if (!missed) return null
  const { seen, reading } = missed
  const { ended, running } = reading ?? {}
  return (
    <>
      {ended?.state === 'stopped' && (
        <p class="note warn">
          Reading Yespo’s API was stopped: <bdi>{ended.fault ?? 'it is not known why.'}</bdi>{' '}
          <a href="/coverage">See the last readings</a>
        </p>
      )}
      {running?.isWaiting && (
        <p class="note warn">
          Reading Yespo’s API waits, since <Moment time={running.movedAt} clock={clock} />:{' '}
          <bdi>{running.delay ?? 'nobody knows what for'}</bdi>.{' '}
          <a href="/coverage">See how far it is</a>
        </p>
      )}
      <CoverageLine seen={seen} />
    </>
  )
}

function CoverageLine({ seen }: { seen: Seen }) {
  const { share, seenByBoth, apiAlone } = rate(seen)
  if (share === null) return null
  const all = formatCount(seenByBoth + apiAlone, 'event')
  const period = `that Yespo’s API has of the last ${DAYS} days`
  if (apiAlone === 0) {
    return (
      <p class="quiet">
        The webhook confirmed all of the {all} {period}. <a href="/coverage">By day</a>
      </p>
    )
  }
  return (
    <p class="note warn">
      The webhook missed {formatNumber(apiAlone)} of the {all} {period}:{' '}
      {apiAlone === 1 ? 'it was' : 'they were'} filled from the API.{' '}
      <a href="/coverage">See which</a>
    </p>
  )
}
