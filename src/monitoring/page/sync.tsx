import type { Child } from 'hono/jsx'
import type { SyncState } from '../../sync/state.ts'
import { Moment } from '../../web/moment.tsx'
import type { Property } from '../../web/properties.tsx'
import type { Viewer } from '../../web/viewer.tsx'
import type { Status } from '../api.ts'

/** The sync with Yespo's API. */
export function syncProperties({ settings, api }: Status, viewer: Viewer): Property[] {
  const { text } = viewer
  return [
    [text('status.sync'), describeSchedule(settings, viewer)],
    ...(api ? runProperties(api, viewer) : []),
    [text('status.missed'), <a href="/coverage">{text('status.missedByDay')}</a>],
  ]
}

function describeSchedule(
  { secrets, YESPO_API_MINUTES: minutes }: Status['settings'],
  { text }: Viewer,
): string {
  if (secrets['YESPO_API_KEY'] !== true) return text('status.syncOff')
  if (minutes === null) return text('status.syncUnknown')
  return minutes === 0 ? text('status.syncOnDemand') : text('status.syncEvery', { count: minutes })
}

function runProperties({ ended, running }: SyncState, viewer: Viewer): Property[] {
  const { text } = viewer
  return [
    [text('status.lastSync'), ended ? describeEnded(ended, viewer) : text('none')],
    ...(running ? [[text('status.currentSync'), describeRunning(running, viewer)] as const] : []),
  ]
}

function describeEnded(
  { state, until, finishedAt, error }: NonNullable<SyncState['ended']>,
  { text, rich }: Viewer,
): Child {
  const time = <Moment time={finishedAt} />
  if (state === 'finished')
    return rich('status.syncFinished', { time, until: <Moment time={until} /> })
  const reason = <bdi>{error ?? text('status.reasonUnknown')}</bdi>
  return rich('status.syncStopped', { time, error: reason })
}

function describeRunning(
  { beganAt, movedAt, delay, stalled }: NonNullable<SyncState['running']>,
  { text, rich }: Viewer,
): Child {
  const time = <Moment time={beganAt} />
  if (!stalled && delay === null) return rich('status.syncStarted', { time })
  const reason = <bdi>{delay ?? text('status.reasonUnknown')}</bdi>
  return rich('status.syncWaiting', { time, since: <Moment time={movedAt} />, reason })
}
