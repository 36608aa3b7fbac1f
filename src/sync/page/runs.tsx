import type { SyncRun } from '../../db/sync/runs.ts'
import type { Clock } from '../../web/format.ts'

const KINDS = { schedule: 'scheduled', backfill: 'on demand' } as const

/** The last syncs. While one goes on, the page renews this by itself. @param mayCancel whether it may be ended */
export function Readings({
  pulls,
  mayCancel,
  clock,
}: {
  pulls: readonly SyncRun[]
  mayCancel: boolean
  clock: Clock
}) {
  const isRunning = pulls.some(({ state }) => state === 'running')
  return (
    <section
      id="readings"
      aria-label="Recent syncs"
      data-live={isRunning ? '/coverage/readings' : undefined}
      data-seconds={isRunning ? '5' : undefined}
    >
      <h2>Recent syncs</h2>
      {pulls.length === 0 ? (
        <p class="empty">No sync has run yet.</p>
      ) : (
        <div class="scroll" tabindex={0} role="region" aria-label="Syncs, newest first">
          <table>
            <thead>
              <tr>
                <th>Started</th>
                <th>Period</th>
                <th>Progress</th>
              </tr>
            </thead>
            <tbody>
              {pulls.map((pull) => (
                <Reading pull={pull} clock={clock} />
              ))}
            </tbody>
          </table>
        </div>
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

function Reading({ pull, clock }: { pull: SyncRun; clock: Clock }) {
  const { number, kind, since, until, state, share, fault, delay, beganAt } = pull
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
        {fault !== null && (
          <small>
            <bdi>{fault}</bdi>
          </small>
        )}
      </td>
    </tr>
  )
}

/** Asks for a sync of a period. @param since, until as the fields have them: `2026-11-25T14:03` */
export function ReadForm({ since, until }: { since: string; until: string }) {
  return (
    <section>
      <h2>Sync a period</h2>
      <p>Events that are stored already are not stored twice. Yespo keeps 90 days.</p>
      <form method="post" action="/coverage/read" class="inline">
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
