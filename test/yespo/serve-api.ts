import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { findStretch, isTimeZone } from '../../src/activity/clock.ts'
import { ActivityApi } from './activity-api.ts'
import { formatWall } from './activity-row.ts'
import { parseCount, parseTime } from './numbers.ts'
import { Random } from './random.ts'
import { makeTraffic, type Element } from './traffic.ts'

const USAGE = `Serves Yespo's API method "Get contacts activity" on this machine, with the events that
"stream" sends to webhooks from the same --seed, --events and --start.

  npm run yespo -- api --key KEY [options]

  --key KEY                the API key, which is the password of any user
  --events N               how many events (10000)
  --zone Europe/Kyiv       time zone of the times in queries and rows (UTC)
  --start TIME             when the first of them happened, such as 2026-11-01 (so that the last is now)
  --port P                 where to listen (a free one)
  --seed S                 the same seed makes the same events (1)

What is older than three months is not answered, as at Yespo. Nothing else is odd here.`

const OPTIONS = {
  key: { type: 'string' },
  events: { type: 'string', default: '10000' },
  zone: { type: 'string', default: 'UTC' },
  start: { type: 'string' },
  port: { type: 'string' },
  seed: { type: 'string', default: '1' },
  help: { type: 'boolean', short: 'h' },
} as const

const HOUR = 3_600_000

/** Serves the API until Ctrl-C. */
export async function serveApi(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: OPTIONS })
  if (values.help) return console.log(USAGE)
  const { key, zone } = values
  if (!key) throw new Error('--key KEY is missing: the API key that requests have to carry')
  if (!isTimeZone(zone)) throw new Error(`${zone} is not a time zone such as Europe/Kyiv`)
  const [seed, events] = [parseCount(values.seed), parseCount(values.events)]
  const start = values.start === undefined ? findStart(seed, events) : parseTime(values.start)
  const api = new ActivityApi({ apiKey: key, timeZone: zone, random: new Random(seed) })
  const period = new Period()
  for (const elements of makeTraffic({ seed, events, start, poison: 0 })) {
    api.record(elements)
    period.include(elements)
  }
  const port = values.port === undefined ? 0 : parseCount(values.port)
  const { url, close } = await api.listen({ port, clock: Date.now })
  console.log(describe(url, events, period, zone))
  await Promise.race(['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => once(process, signal)))
  await close()
}

/** The earliest and the latest of events, UTC milliseconds. */
class Period {
  first = Infinity
  last = -Infinity

  include(elements: readonly Element[]): void {
    for (const { bytes } of elements) {
      const { activityDateTime } = JSON.parse(bytes.toString()) as { activityDateTime: string }
      const time = Date.parse(`${activityDateTime}Z`)
      this.first = Math.min(this.first, time)
      this.last = Math.max(this.last, time)
    }
  }
}

/** When to begin so that the last event happens now; what is drawn does not depend on the time. */
function findStart(seed: number, events: number): number {
  const trial = new Period()
  const start = Date.UTC(2026, 0)
  for (const elements of makeTraffic({ seed, events, start, poison: 0 })) trial.include(elements)
  return Date.now() - (trial.last - start)
}

function describe(url: string, events: number, { first, last }: Period, zone: string): string {
  const inZone = (time: number) => formatWall(time + findStretch(time, zone).offset)
  const query = `dateFrom=${inZone(last - HOUR)}&dateTo=${inZone(last)}&maxrows=1000`
  return `${events.toLocaleString('en')} events from ${inZone(first)} to ${inZone(last)} (${zone})
The last hour of them:

  curl -u any:KEY '${url}/v2/contacts/activity?${query}'

Ctrl-C stops it.`
}
