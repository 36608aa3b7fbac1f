import type { Status } from '../api.ts'
import type { ReadingState } from '../../sync/state.ts'
import { formatCount } from '../../web/count.ts'
import type { Clock } from '../../web/format.ts'
import { Moment, type Fact } from '../../web/facts.tsx'

/** Whether the other way is gone, too, and where to see what that found. */
export function apiFacts({ settings, api }: Status, clock: Clock): Fact[] {
  const minutes = settings.YESPO_API_MINUTES
  const isSet = settings.secrets['YESPO_API_KEY'] === true
  const often = minutes === 0 ? 'on demand alone' : `every ${formatCount(minutes ?? 0, 'minute')}`
  return [
    [
      'Read',
      !isSet
        ? 'no, as YESPO_API_KEY is not set'
        : minutes === null
          ? 'not known, as YESPO_API_MINUTES is wrong'
          : often,
    ],
    ...(api ? readingFacts(api, clock) : []),
    ['What the webhook missed', <a href="/coverage">by day, and the last readings</a>],
  ]
}

function readingFacts({ ended, running }: ReadingState, clock: Clock): Fact[] {
  const last =
    ended === null ? (
      'none yet'
    ) : (
      <>
        {ended.state} <Moment time={ended.finishedAt} clock={clock} none="" />
        {ended.state === 'finished' && (
          <>
            , with what happened before <Moment time={ended.until} clock={clock} />
          </>
        )}
        {ended.fault !== null && (
          <>
            : <bdi>{ended.fault}</bdi>
          </>
        )}
      </>
    )
  if (running === null) return [['Last reading', last]]
  const { beganAt, movedAt, delay, isWaiting } = running
  const now = (
    <>
      began <Moment time={beganAt} clock={clock} />
      {(isWaiting || delay !== null) && (
        <>
          , waits since <Moment time={movedAt} clock={clock} />:{' '}
          <bdi>{delay ?? 'nobody knows what for'}</bdi>
        </>
      )}
    </>
  )
  return [
    ['Last reading', last],
    ['Reading now', now],
  ]
}
