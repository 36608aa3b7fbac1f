import type { Child } from 'hono/jsx'
import { DAY_MS } from '../../event/clock.ts'
import { addUp, rate } from '../rate.ts'
import { isScheduled, readSyncState, type SyncState } from '../state.ts'
import { readsApi } from '../../settings/settings.ts'
import { readCoverage, type CoverageCounts } from '../../db/sync/coverage.ts'
import { useViewer } from '../../web/viewer.tsx'
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
export function MissedNote({ missed }: { missed: Missed | undefined }) {
  const { text, rich } = useViewer()
  if (!missed) return null
  const { ended, running } = missed.state ?? {}
  return (
    <>
      {ended?.state === 'stopped' && (
        <p class="note warn">
          {rich('coverage.stopped', {
            reason: () => <bdi>{ended.error ?? text('coverage.reasonUnknown')}</bdi>,
            link: toCoverage,
          })}
        </p>
      )}
      {running?.stalled && (
        <p class="note warn">
          {rich('coverage.stalled', {
            time: <Moment time={running.movedAt} />,
            reason: () => <bdi>{running.delay ?? text('coverage.reasonUnknown')}</bdi>,
            link: toCoverage,
          })}
        </p>
      )}
      <CoverageNote counts={missed.counts} />
    </>
  )
}

function CoverageNote({ counts }: { counts: CoverageCounts }) {
  const { rich } = useViewer()
  const { share, both, apiOnly } = rate(counts)
  if (share === null) return null
  const values = { missed: apiOnly, all: both + apiOnly, days: DAYS, link: toCoverage }
  return apiOnly === 0 ? (
    <p class="quiet">{rich('coverage.complete', values)}</p>
  ) : (
    <p class="note warn">{rich('coverage.missed', values)}</p>
  )
}

function toCoverage(content: Child): Child {
  return <a href="/coverage">{content}</a>
}
