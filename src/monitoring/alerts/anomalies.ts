import { ANOMALIES_KEY } from '../../db/keys.ts'
import { describeAnomaly } from '../anomalies/describe.ts'
import type { Anomaly } from '../anomalies/detect.ts'
import { readAnomalyState } from '../anomalies/watch.ts'
import type { AlertRule } from './rule.ts'
import type { Phrase } from '../../language/messages.ts'
import { writeTime } from './words.ts'

const PREFIX = 'anomaly:'

/** Something is not as in the weeks before. Each anomaly is one alert; `anomalies/watch.ts` finds them, once an hour. */
export const anomalyAlert: AlertRule = {
  name: 'anomaly',
  check({ values, alerts }) {
    const { anomalies } = readAnomalyState(values.get(ANOMALIES_KEY))
    const known = alerts.filter(({ name }) => name.startsWith(PREFIX))
    const message = new Map<string, Phrase[] | null>(known.map(({ name }) => [name, null]))
    for (const anomaly of anomalies) {
      if (anomaly.isOver) continue
      const { what, cause, advice } = describeAnomaly(anomaly, writeTime)
      message.set(nameOf(anomaly), [what, ...(cause ? [cause] : []), advice])
    }
    return { message }
  },
}

function nameOf({ kind, channel, provider }: Anomaly): string {
  return PREFIX + [kind, channel, provider].filter(Boolean).join(':')
}
