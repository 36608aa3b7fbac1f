import type { Status } from '../api.ts'
import type { SyncState } from '../../sync/state.ts'
import { formatCount } from '../../language/format.ts'
import { Moment } from '../../web/moment.tsx'
import type { Property } from '../../web/properties.tsx'

/** The sync with Yespo's API. */
export function syncProperties({ settings, api }: Status): Property[] {
  return [
    ['Sync', describeSchedule(settings)],
    ...(api ? runProperties(api) : []),
    ['What the webhook missed', <a href="/coverage">by day, with recent syncs</a>],
  ]
}

function describeSchedule({ secrets, YESPO_API_MINUTES: minutes }: Status['settings']): string {
  if (secrets['YESPO_API_KEY'] !== true) return 'off: YESPO_API_KEY is not set'
  if (minutes === null) return 'unknown: YESPO_API_MINUTES is invalid'
  return minutes === 0 ? 'on demand only' : `every ${formatCount(minutes, 'minute')}`
}

function runProperties({ ended, running }: SyncState): Property[] {
  const last: Property = [
    'Last sync',
    ended === null ? (
      'none yet'
    ) : (
      <>
        {ended.state} <Moment time={ended.finishedAt} none="" />
        {ended.state === 'finished' && (
          <>
            , with events up to <Moment time={ended.until} />
          </>
        )}
        {ended.error !== null && (
          <>
            : <bdi>{ended.error}</bdi>
          </>
        )}
      </>
    ),
  ]
  if (running === null) return [last]
  const { beganAt, movedAt, delay, stalled } = running
  return [
    last,
    [
      'Current sync',
      <>
        started <Moment time={beganAt} />
        {(stalled || delay !== null) && (
          <>
            , waiting since <Moment time={movedAt} />: <bdi>{delay ?? 'reason unknown'}</bdi>
          </>
        )}
      </>,
    ],
  ]
}
