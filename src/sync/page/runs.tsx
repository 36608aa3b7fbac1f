import type { SyncRun } from '../../db/sync/runs.ts'
import { useViewer } from '../../web/viewer.tsx'
import { Table } from '../../web/table.tsx'

const KINDS = { schedule: 'coverage.scheduled', backfill: 'coverage.onDemand' } as const

/** The most recent syncs. The page renews them while one is running. @param mayCancel whether the viewer may */
export function SyncRuns({ runs, mayCancel }: { runs: readonly SyncRun[]; mayCancel: boolean }) {
  const { text } = useViewer()
  const isRunning = runs.some(({ state }) => state === 'running')
  return (
    <section
      id="syncs"
      aria-label={text('coverage.runs')}
      data-live={isRunning ? '/coverage/syncs' : undefined}
      data-seconds={isRunning ? '5' : undefined}
    >
      <h2>{text('coverage.runs')}</h2>
      {runs.length === 0 ? (
        <p class="empty">{text('coverage.noRuns')}</p>
      ) : (
        <Table
          class="stacked"
          label={text('coverage.runList')}
          heads={[
            text('coverage.runStarted'),
            text('coverage.runPeriod'),
            text('coverage.runProgress'),
          ]}
        >
          {runs.map((run) => (
            <Row run={run} />
          ))}
        </Table>
      )}
      {isRunning && mayCancel && (
        <form method="post" action="/coverage/cancel">
          <p class="inline">
            <button class="plain">{text('coverage.cancel')}</button>
          </p>
        </form>
      )}
    </section>
  )
}

function Row({ run }: { run: SyncRun }) {
  const { text, rich, clock, language } = useViewer()
  const { number, kind, since, until, state, share, error, delay, beganAt } = run
  const percent = Math.floor(share * 100)
  const done = new Intl.NumberFormat(language, { style: 'percent' }).format(percent / 100)
  return (
    <tr>
      <th>
        <time datetime={new Date(beganAt).toISOString()}>{clock.minute(beganAt)}</time>
        <small>{text(KINDS[kind])}</small>
      </th>
      <td>{text('coverage.fromTo', { since: clock.minute(since), until: clock.minute(until) })}</td>
      <td>
        {state === 'running' ? (
          <>
            <progress value={percent} max="100" aria-label={text('coverage.sync', { number })} />{' '}
            {done}
          </>
        ) : (
          <span class={state === 'stopped' ? 'bad' : undefined}>
            {state === 'finished'
              ? text('coverage.finished')
              : text(state === 'stopped' ? 'coverage.stoppedAt' : 'coverage.cancelledAt', {
                  share: done,
                })}
          </span>
        )}
        {delay !== null && (
          <small>{rich('coverage.waiting', { reason: () => <bdi>{delay}</bdi> })}</small>
        )}
        {error !== null && (
          <small>
            <bdi>{error}</bdi>
          </small>
        )}
      </td>
    </tr>
  )
}

/** The form to sync a period. @param since, until values of its fields: `2026-11-25T14:03` */
export function SyncForm({ since, until }: { since: string; until: string }) {
  const { text } = useViewer()
  return (
    <section>
      <h2>{text('coverage.syncPeriod')}</h2>
      <p>{text('coverage.syncHelp')}</p>
      <form method="post" action="/coverage/sync" class="inline">
        <label>
          {text('period.from')} <input type="datetime-local" name="since" value={since} required />
        </label>
        <label>
          {text('period.to')} <input type="datetime-local" name="until" value={until} />
        </label>
        <button>{text('coverage.start')}</button>
      </form>
    </section>
  )
}
