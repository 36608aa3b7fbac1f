import { DAY_MS } from '../../event/clock.ts'
import { addUp, rate } from '../rate.ts'
import { isScheduled, readSyncState, type SyncState } from '../state.ts'
import { readsApi } from '../../settings/settings.ts'
import { readCoverage, type CoverageCounts } from '../../db/sync/coverage.ts'
import { formatCount, formatNumber, type Clock } from '../../language/format.ts'
import { Moment } from '../../web/moment.tsx'

const DAYS = 7
const PERIOD_MS = DAYS * DAY_MS

/** The webhook's recent coverage; `state` is null if syncs run on demand only. */
export type Missed = { counts: CoverageCounts; state: SyncState | null }

/** Reads the recent coverage; undefined if sync with the API is off. */
export async function readMissed(env: Env, now: number): Promise<Missed | undefined> {
  if (!readsApi(env)) return undefined
  const [{ lines }, state] = await Promise.all([
    readCoverage(env.DB, { since: now - PERIOD_MS, until: now }, PERIOD_MS),
    isScheduled(env) ? readSyncState(env.DB, now) : null,
  ])
  return { counts: addUp(lines), state }
}

/** Whether the webhook delivered everything; if that is unknown because syncs fail, why. */
export function MissedNote({ missed }: { missed: Missed | undefined; clock: Clock }) {
  if (!missed) return null
  const { ended, running } = missed.state ?? {}
  return (
    <>
      {ended?.state === 'stopped' && (
        <p class="note warn">
          The sync with Yespo’s API stopped: <bdi>{ended.error ?? 'reason unknown.'}</bdi>{' '}
          <a href="/coverage">See recent syncs</a>
        </p>
      )}
      {running?.stalled && (
        <p class="note warn">
          The sync with Yespo’s API has been waiting since <Moment time={running.movedAt} />:{' '}
          <bdi>{running.delay ?? 'reason unknown'}</bdi>. <a href="/coverage">See its progress</a>
        </p>
      )}
      <CoverageNote counts={missed.counts} />
    </>
  )
}

function CoverageNote({ counts }: { counts: CoverageCounts }) {
  const { share, both, apiOnly } = rate(counts)
  if (share === null) return null
  const all = formatCount(both + apiOnly, 'event')
  const scope = `${all} that Yespo’s API lists for the last ${DAYS} days`
  if (apiOnly === 0) {
    return (
      <p class="quiet">
        The webhook delivered all of the {scope}. <a href="/coverage">By day</a>
      </p>
    )
  }
  return (
    <p class="note warn">
      The webhook missed {formatNumber(apiOnly)} of the {scope}:{' '}
      {apiOnly === 1 ? 'it was' : 'they were'} filled in from the API.{' '}
      <a href="/coverage">See which</a>
    </p>
  )
}
