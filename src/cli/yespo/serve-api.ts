import { isTimeZone, offsetAt } from '../../event/time-zone.ts'
import { readOptions, readPort } from '../options.ts'
import { ActivityApi } from '../../simulator/activity-api.ts'
import { formatWall } from '../../simulator/activity-row.ts'
import { Period } from '../../simulator/period.ts'
import { Random } from '../../simulator/random.ts'
import { makeTraffic } from '../../simulator/traffic.ts'
import { describeTraffic, readTraffic, TRAFFIC_OPTIONS, TRAFFIC_USAGE } from './traffic-options.ts'

const USAGE = `Serves Yespo's API method "Get contacts activity" on this machine, with the events that "stream"
sends to a webhook for the same --events, --seed and --start.

  npm run yespo -- api --key KEY [options]

  --key KEY                the API key, which is the password of any user
  --zone Europe/Kyiv       time zone of the times in queries and rows (UTC)
  --port P                 port to listen on (a free one)${TRAFFIC_USAGE}

Like Yespo, it returns nothing that is older than three months.`

const OPTIONS = {
  ...TRAFFIC_OPTIONS,
  key: { type: 'string' },
  zone: { type: 'string', default: 'UTC' },
  port: { type: 'string' },
} as const

const HOUR = 3_600_000

/** Serves the API until Ctrl-C. */
export async function serveApi(args: string[]): Promise<void> {
  const values = readOptions(OPTIONS, USAGE, args)
  const { key, zone } = values
  if (!key) throw new Error('--key KEY is missing: the API key that requests must carry')
  if (!isTimeZone(zone)) {
    throw new Error(`--zone must be a time zone such as Europe/Kyiv, not “${zone}”`)
  }
  const port = values.port === undefined ? 0 : readPort(values.port)
  const traffic = readTraffic(values)
  const api = new ActivityApi({ apiKey: key, timeZone: zone, random: new Random(traffic.seed) })
  const period = new Period()
  for (const elements of makeTraffic({ ...traffic, poison: 0 })) {
    api.record(elements)
    period.include(elements)
  }
  const { url, close } = await api.listen({ port, clock: Date.now })
  const stopped = untilStopped()
  console.log(describe(url, traffic.events, period, zone))
  console.log(`
To send the same events to a webhook:

  npm run yespo -- stream ${describeTraffic(traffic)}

Ctrl-C stops it.`)
  await stopped
  await close()
}

/** Ctrl-C may arrive twice, as npm passes it on, too. */
function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => resolve())
  })
}

function describe(url: string, events: number, { first, last }: Period, zone: string): string {
  const inZone = (time: number) => formatWall(time + offsetAt(time, zone))
  const query = `dateFrom=${inZone(last - HOUR)}&dateTo=${inZone(last)}&maxrows=1000`
  return `${events.toLocaleString('en')} events from ${inZone(first)} to ${inZone(last)} (${zone})
The last hour of them:

  curl -u any:KEY '${url}/v2/contacts/activity?${query}'`
}
