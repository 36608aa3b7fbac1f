import { makeBodies, moveTo } from './bodies.ts'
import { median } from './median.ts'
import { SCHEDULE_PATH } from './meter-worker.ts'
import { show, type Figure } from './report.ts'
import type { Server } from './server.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const TIMES = 3
const SCHEDULED = 75
const RECENT_MINUTES = 14 // the panel counts those of the last 15

type Counts = { events?: number }
type Total = { start: number } & Record<string, Counts | number | string>

/** Rows that pages read, as a person opens them who has signed in. */
export async function measureViews(server: Server): Promise<Figure[]> {
  // Some that happened just now, so that the panel has something to count.
  const recent = [...makeBodies(12, 50, 9_100)]
  await server.post(recent.map((body) => moveTo(body, Date.now(), RECENT_MINUTES)))
  await server.untilConsumed()
  // As the clock would have it over the month: hours that are over are summed up.
  for (let run = 0; run < SCHEDULED; run++) await server.ask('GET', SCHEDULE_PATH)
  const hours = await readHours(server)
  const [oldest] = hours
  const busiest = hours.reduce((most, each) => (each.events > most.events ? each : most))
  if (!oldest) throw new Error('nothing is stored that could be looked at')
  const [since, until] = [timeInPath(busiest.start), timeInPath(busiest.start + HOUR_MS)]
  const messageId = await findMessage(server, oldest.start + HOUR_MS)
  const views: [string, string, number][] = [
    ['the overview of a month', '/?last=month', 15_000],
    ['the overview of the busiest hour', `/?since=${since}&until=${until}`, 3_000],
    ['the events of a message of a month ago', `/recent?messageId=${messageId}`, 5_000],
    ['a poll of the panel “Now”', await findNextPoll(server), 60],
  ]
  const figures: Figure[] = []
  for (const [name, path, wanted] of views) {
    const rows = await countRows(server, path)
    figures.push({
      name: `rows read by ${name}`,
      found: show(rows),
      target: `≤ ${wanted.toLocaleString('en')}`,
      met: rows <= wanted,
    })
  }
  return figures
}

/** As a page goes on: a poll that follows another one, which counted. The first of an hour reads more. */
async function findNextPoll(server: Server): Promise<string> {
  const [, next] = /data-live="([^"]+)"/.exec(await server.show('/now?normal=3600000')) ?? []
  if (next === undefined) throw new Error('the panel is not renewed')
  return next.replaceAll('&amp;', '&')
}

async function countRows(server: Server, path: string): Promise<number> {
  const rows: number[] = []
  for (let time = 0; time < TIMES; time++) {
    const before = await server.readUsed()
    await server.show(path)
    rows.push((await server.readUsed()).rowsRead - before.rowsRead)
  }
  return median(rows)
}

/** The hours of a month that have events, the oldest first. */
async function readHours(server: Server): Promise<{ start: number; events: number }[]> {
  const now = Date.now()
  const period = `since=${timeInPath(now - 30 * DAY_MS)}&until=${timeInPath(now)}`
  const text = await server.ask('GET', `/reports/totals?by=hour&${period}`)
  const { totals } = JSON.parse(text) as { totals: Total[] }
  const counted = totals.map(({ start, ...kinds }) => ({
    start,
    events: Object.values(kinds).reduce<number>(
      (sum, kind) => sum + ((typeof kind === 'object' && kind.events) || 0),
      0,
    ),
  }))
  return counted.filter(({ events }) => events > 0)
}

/** The message of the last event before a time that has one. */
async function findMessage(server: Server, until: number): Promise<number> {
  const text = await server.ask('GET', `/activity?limit=50&until=${timeInPath(until)}`)
  const { activity } = JSON.parse(text) as { activity: { messageId?: number }[] }
  const messageId = activity.find((event) => event.messageId !== undefined)?.messageId
  if (messageId === undefined) throw new Error('no event names a message')
  return messageId
}

/** A time as parameters have it: an hour, in UTC. */
function timeInPath(time: number): string {
  return `${new Date(time).toISOString().slice(0, 13)}:00`
}
