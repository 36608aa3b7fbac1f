import { DAY_MS } from '../../activity/clock.ts'
import { addUp, rate } from '../../pull/coverage.ts'
import { readsApi } from '../../settings.ts'
import { readCoverage, type Seen } from '../../store/coverage.ts'
import { listPulls, type Pull } from '../../store/pulls.ts'
import { formatCount } from '../page/count.ts'
import { formatNumber } from '../page/format.ts'

const DAYS = 7
const PERIOD_MS = DAYS * DAY_MS

/** What Yespo's API tells of the webhook's last days. */
export type Missed = { seen: Seen; last: Pull | undefined }

/** Undefined where the API is not read. */
export async function readMissed(env: Env, now: number): Promise<Missed | undefined> {
  if (!readsApi(env)) return undefined
  const [{ lines }, [last]] = await Promise.all([
    readCoverage(env.DB, { since: now - PERIOD_MS, until: now }, PERIOD_MS),
    listPulls(env.DB, 1),
  ])
  return { seen: addUp(lines), last }
}

/** Says whether the webhook brought everything, and why that is not known where the API cannot be read. */
export function MissedNote({ missed }: { missed: Missed | undefined }) {
  if (!missed) return null
  const { seen, last } = missed
  return (
    <>
      {last?.state === 'stopped' && (
        <p class="note warn">
          Reading Yespo’s API was stopped: <bdi>{last.fault ?? 'it is not known why.'}</bdi>{' '}
          <a href="/coverage">See the last readings</a>
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
        The webhook brought all of the {all} {period}. <a href="/coverage">By day</a>
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
