import { makeBodies, moveTo } from './bodies.ts'
import { median } from './median.ts'
import { SCHEDULE_PATH } from './meter-worker.ts'
import { show, type Figure } from './report.ts'
import type { Server } from './server.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const TIMES = 3
const SCHEDULED = 75
const RECENT_MINUTES = 14 // the panel counts the last 15

type Counts = { events?: number }
type Total = { start: number } & Record<string, Counts | number | string>

/** Measures the rows that pages read, with a session. */
export async function measureViews(server: Server): Promise<Figure[]> {
  // Some recent events, for the panel to count.
  const recent = [...makeBodies(12, 50, 9_100)]
  await server.post(recent.map((body) => moveTo(body, Date.now(), RECENT_MINUTES)))
  await server.untilConsumed()
  // Runs the schedule as over the month, so that past hours are summed up.
  for (let run = 0; run < SCHEDULED; run++) await server.request('GET', SCHEDULE_PATH)
  const hours = await readHours(server)
  const [oldest] = hours
  const busiest = hours.reduce((largest, each) => (each.events > largest.events ? each : largest))
  if (!oldest) throw new Error('no events are stored')
  const [since, until] = [timeInPath(busiest.start), timeInPath(busiest.start + HOUR_MS)]
  const messageId = await findMessage(server, oldest.start + HOUR_MS)
  const views: [string, string, number][] = [
    ['the overview of a month', '/?period=30days', 15_000],
    ['the overview of the busiest hour', `/?since=${since}&until=${until}`, 3_000],
    ['the events of a message of a month ago', `/recent?messageId=${messageId}`, 5_000],
    ['a poll of the panel “Now”', await findNextPoll(server), 60],
  ]
  const figures: Figure[] = []
  for (const [name, path, maxRows] of views) {
    const rows = await countRows(server, path)
    figures.push({
      name: `rows read by ${name}`,
      found: show(rows),
      target: `≤ ${maxRows.toLocaleString('en')}`,
      met: rows <= maxRows,
    })
  }
  return figures
}

/** The second poll of an open page. The first counts, and the first of an hour reads more. */
async function findNextPoll(server: Server): Promise<string> {
  const [, next] = /data-live="([^"]+)"/.exec(await server.show('/now?normal=3600000')) ?? []
  if (next === undefined) throw new Error('the panel is not refreshed')
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

/** Reads the hours of a month with events, oldest first. */
async function readHours(server: Server): Promise<{ start: number; events: number }[]> {
  const now = Date.now()
  const period = `since=${timeInPath(now - 30 * DAY_MS)}&until=${timeInPath(now)}`
  const text = await server.request('GET', `/reports/totals?by=hour&${period}`)
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

/** Finds the message of the last event before a time. */
async function findMessage(server: Server, until: number): Promise<number> {
  const text = await server.request('GET', `/activity?limit=50&until=${timeInPath(until)}`)
  const { activity } = JSON.parse(text) as { activity: { messageId?: number }[] }
  const messageId = activity.find((event) => event.messageId !== undefined)?.messageId
  if (messageId === undefined) throw new Error('no event has a message')
  return messageId
}

/** Formats an hour in UTC for a query. */
function timeInPath(time: number): string {
  return `${new Date(time).toISOString().slice(0, 13)}:00`
}
