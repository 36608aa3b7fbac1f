import type { Status } from '../api.ts'
import type { SyncState } from '../../sync/state.ts'
import { formatCount, type Clock } from '../../web/format.ts'
import { Moment } from '../../web/moment.tsx'
import type { Property } from '../../web/properties.tsx'

/** The sync with Yespo's API. */
export function syncProperties({ settings, api }: Status, clock: Clock): Property[] {
  return [
    ['Sync', describeSchedule(settings)],
    ...(api ? runProperties(api, clock) : []),
    ['What the webhook missed', <a href="/coverage">by day, with recent syncs</a>],
  ]
}

function describeSchedule({ secrets, YESPO_API_MINUTES: minutes }: Status['settings']): string {
  if (secrets['YESPO_API_KEY'] !== true) return 'off: YESPO_API_KEY is not set'
  if (minutes === null) return 'unknown: YESPO_API_MINUTES is invalid'
  return minutes === 0 ? 'on demand only' : `every ${formatCount(minutes, 'minute')}`
}

function runProperties({ ended, running }: SyncState, clock: Clock): Property[] {
  const last: Property = [
    'Last sync',
    ended === null ? (
      'none yet'
    ) : (
      <>
        {ended.state} <Moment time={ended.finishedAt} clock={clock} none="" />
        {ended.state === 'finished' && (
          <>
            , with events up to <Moment time={ended.until} clock={clock} />
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
        started <Moment time={beganAt} clock={clock} />
        {(stalled || delay !== null) && (
          <>
            , waiting since <Moment time={movedAt} clock={clock} />:{' '}
            <bdi>{delay ?? 'reason unknown'}</bdi>
          </>
        )}
      </>,
    ],
  ]
}
