import { ANOMALIES_KEY } from '../db/keys.ts'
import * as kv from '../db/kv.ts'
import { DAY_MS, HOUR_MS } from '../event/clock.ts'
import { writePhrase } from '../language/messages.ts'
import { describeAnomaly, startOf } from '../monitoring/anomalies/describe.ts'
import type { Anomaly } from '../monitoring/anomalies/detect.ts'
import { readAnomalyState } from '../monitoring/anomalies/watch.ts'
import { useViewer } from '../web/viewer.tsx'

const PERIOD_MS = 7 * DAY_MS
const MAX_SHOWN = 3

/** The anomalies of the last week that have been found so far, newest first. */
export async function readAnomalies(db: D1Database, now: number): Promise<Anomaly[]> {
  const { anomalies } = readAnomalyState((await kv.get(db, ANOMALIES_KEY)) ?? undefined)
  return anomalies
    .filter(({ lastHour }) => lastHour * HOUR_MS >= now - PERIOD_MS)
    .toSorted((one, other) => startOf(other) - startOf(one))
}

/** What was not as normal this week. */
export function Anomalies({ anomalies }: { anomalies: readonly Anomaly[] }) {
  const { text, clock, language } = useViewer()
  if (anomalies.length === 0) return null
  const shown = anomalies.slice(0, MAX_SHOWN)
  return (
    <section class="note warn" aria-label={text('overview.unusual')}>
      <b>{text('overview.unusual')}</b>
      <ul>
        {shown.map((anomaly) => (
          <li>{writePhrase(language, describeAnomaly(anomaly, clock.minute).what)}</li>
        ))}
      </ul>
      {anomalies.length > shown.length && (
        <a href="/status">{text('overview.more', { count: anomalies.length - shown.length })}</a>
      )}
    </section>
  )
}
