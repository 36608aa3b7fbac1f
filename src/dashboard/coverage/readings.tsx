import type { Pull } from '../../store/pulls.ts'
import type { Clock } from '../page/format.ts'

const KINDS = { schedule: 'by itself', backfill: 'on demand' } as const

/** The last readings. While one goes on, the page renews this by itself. */
export function Readings({ pulls, clock }: { pulls: readonly Pull[]; clock: Clock }) {
  const isRunning = pulls.some(({ state }) => state === 'running')
  return (
    <section
      id="readings"
      aria-label="Last readings"
      data-live={isRunning ? '/coverage/readings' : undefined}
      data-seconds={isRunning ? '5' : undefined}
    >
      <h2>Last readings</h2>
      {pulls.length === 0 ? (
        <p class="empty">Nothing has been read yet.</p>
      ) : (
        <div class="scroll" tabindex={0} role="region" aria-label="Readings, the last first">
          <table>
            <thead>
              <tr>
                <th>Began</th>
                <th>Reads</th>
                <th>How far it is</th>
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
    </section>
  )
}

function Reading({ pull, clock }: { pull: Pull; clock: Clock }) {
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
            <progress value={percent} max="100" aria-label={`Reading ${number}`} /> {percent}%
          </>
        ) : (
          <span class={state === 'stopped' ? 'bad' : undefined}>
            {state === 'finished' ? state : `${state} at ${percent}%`}
          </span>
        )}
        {delay !== null && (
          <small>
            Waits: <bdi>{delay}</bdi>
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

/** Begins to read a stretch of time again. @param now UTC milliseconds */
export function ReadForm({ now, since, clock }: { now: number; since: number; clock: Clock }) {
  return (
    <section>
      <h2>Read again</h2>
      <p>
        What was read already is read once more, and nothing is stored twice. Yespo keeps 90 days.
      </p>
      <form method="post" action="/coverage/read" class="inline">
        <label>
          From <input type="datetime-local" name="since" value={clock.field(since)} required />
        </label>
        <label>
          to <input type="datetime-local" name="until" value={clock.field(now)} />
        </label>
        <button>Read it</button>
      </form>
      <form method="post" action="/coverage/cancel">
        <p class="inline">
          <button class="plain">Cancel what is being read</button>
        </p>
      </form>
    </section>
  )
}
