import type { SyncRun } from '../../db/sync/runs.ts'
import type { Clock } from '../../language/format.ts'
import { Table } from '../../web/table.tsx'

const KINDS = { schedule: 'scheduled', backfill: 'on demand' } as const

/** The most recent syncs. The page renews them while one is running. @param mayCancel whether the viewer may */
export function SyncRuns({
  runs,
  mayCancel,
  clock,
}: {
  runs: readonly SyncRun[]
  mayCancel: boolean
  clock: Clock
}) {
  const isRunning = runs.some(({ state }) => state === 'running')
  return (
    <section
      id="syncs"
      aria-label="Recent syncs"
      data-live={isRunning ? '/coverage/syncs' : undefined}
      data-seconds={isRunning ? '5' : undefined}
    >
      <h2>Recent syncs</h2>
      {runs.length === 0 ? (
        <p class="empty">No sync has run yet.</p>
      ) : (
        <Table label="Syncs, newest first" heads={['Started', 'Period', 'Progress']}>
          {runs.map((run) => (
            <Row run={run} clock={clock} />
          ))}
        </Table>
      )}
      {isRunning && mayCancel && (
        <form method="post" action="/coverage/cancel">
          <p class="inline">
            <button class="plain">Cancel running syncs</button>
          </p>
        </form>
      )}
    </section>
  )
}

function Row({ run, clock }: { run: SyncRun; clock: Clock }) {
  const { number, kind, since, until, state, share, error, delay, beganAt } = run
  const percent = Math.floor(share * 100)
  return (
    <tr>
      <th>
        <time datetime={new Date(beganAt).toISOString()}>{clock.minute(beganAt)}</time>
        <small>{KINDS[kind]}</small>
      </th>
      <td>
        {clock.minute(since)} to {clock.minute(until)}
      </td>
      <td>
        {state === 'running' ? (
          <>
            <progress value={percent} max="100" aria-label={`Sync ${number}`} /> {percent}%
          </>
        ) : (
          <span class={state === 'stopped' ? 'bad' : undefined}>
            {state === 'finished' ? state : `${state} at ${percent}%`}
          </span>
        )}
        {delay !== null && (
          <small>
            Waiting: <bdi>{delay}</bdi>
          </small>
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
  return (
    <section>
      <h2>Sync a period</h2>
      <p>Events that are already stored are not stored twice. Yespo keeps 90 days.</p>
      <form method="post" action="/coverage/sync" class="inline">
        <label>
          From <input type="datetime-local" name="since" value={since} required />
        </label>
        <label>
          to <input type="datetime-local" name="until" value={until} />
        </label>
        <button>Start sync</button>
      </form>
    </section>
  )
}
