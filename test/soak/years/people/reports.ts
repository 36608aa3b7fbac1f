import { drawEvent } from './programs.ts'
import type { Answer, Reader } from './reader.ts'
import type { Shelved } from './shelf.ts'

const QUARTER = 900_000
const HOUR = 4 * QUARTER
const DAY = 24 * HOUR

type Count = { events: number; contacts: number }
type Line = Record<'sent' | 'delivered' | 'read' | 'clicked' | 'spam' | 'unsubscribed', Count> & {
  subscriptionChanged: Count
  undelivered: Count & { hard: Count; soft: Count }
  others: Record<string, Count>
} & Record<string, unknown>

const COLUMNS = { channels: 'channel', broadcasts: 'broadcastId', messages: 'messageId' } as const
const NAMES = { channel: 'mediaType', broadcastId: 'broadcastId', messageId: 'messageId' } as const

type Name = keyof typeof COLUMNS

/** Programs that read reports: events are counted once each. */
export const REPORTS: readonly ((reader: Reader) => Promise<void>)[] = [
  readGroups,
  readTotals,
  readEverything,
]

async function readGroups(reader: Reader): Promise<void> {
  const [since, until] = drawPeriod(reader)
  const name = reader.random.pick(Object.keys(COLUMNS)) as Name
  const column = COLUMNS[name]
  const answer = await reader.ask(`/reports/${name}?since=${since}&until=${until}&limit=100`)
  if (!answer) return
  const { report, next, scanned } = JSON.parse(answer.body) as {
    report: Line[]
    next: string | null
    scanned: { complete: boolean }
  }
  const events = [...reader.shelf.inPeriod(since, until)]
  const keys = report.map((line) => toKey(line[NAMES[column]]))
  for (const [index, line] of report.entries()) {
    const key = keys[index]
    const own = events.filter((each) => each[column] === key)
    compareLine(reader, line, own, answer, `${column} ${key}`)
  }
  if (new Set(keys).size < keys.length) reader.fail(answer, 'has a line twice')
  if (next !== null || !scanned.complete) return
  const missing = events.find(
    (each) =>
      each[column] !== undefined && each.countedAt <= answer.began && !keys.includes(each[column]),
  )
  if (missing) reader.fail(answer, `lacks ${column} ${missing[column]}`)
}

async function readTotals(reader: Reader): Promise<void> {
  const [from, to] = drawPeriod(reader)
  const [since, until] = [Math.floor(from / HOUR) * HOUR, Math.ceil(to / HOUR) * HOUR]
  const query = `by=hour&timeZone=UTC&since=${since}&until=${until}`
  const answer = await reader.ask(`/reports/totals?${query}`)
  if (!answer) return
  const { totals } = JSON.parse(answer.body) as { totals: (Line & { start: number })[] }
  const byHour = Map.groupBy(reader.shelf.inPeriod(since, until), ({ occurredAt }) =>
    Math.floor(occurredAt / HOUR),
  )
  for (let hour = since; hour < until; hour += HOUR) {
    const line = totals.find(({ start }) => start === hour)
    if (!line) reader.fail(answer, `lacks the hour ${hour}`)
    compareLine(reader, line, byHour.get(hour / HOUR) ?? [], answer, `hour ${hour}`)
  }
}

/** Everything of a campaign, or of all. */
async function readEverything(reader: Reader): Promise<void> {
  const [since, until] = drawPeriod(reader)
  const messageId = reader.random.chance(0.5) ? drawEvent(reader)?.messageId : undefined
  const isPlain = messageId !== undefined && /^\d{1,15}$/.test(messageId)
  const filter = isPlain ? `&messageId=${messageId}` : ''
  const answer = await reader.ask(`/reports/all?since=${since}&until=${until}${filter}`)
  if (!answer) return
  const { all } = JSON.parse(answer.body) as { all: Line }
  const events = [...reader.shelf.inPeriod(since, until)]
  const own = isPlain ? events.filter((each) => each.messageId === messageId) : events
  compareLine(reader, all, own, answer, 'the line')
}

/** Compares the counts of a line: at least what was counted before the request, at most what was until the response. */
function compareLine(
  reader: Reader,
  line: Line,
  events: readonly Shelved[],
  answer: Answer,
  name: string,
): void {
  const check = (what: string, count: Count | undefined, isOne: (event: Shelved) => boolean) => {
    const times = events
      .filter(isOne)
      .flatMap(({ countedAt, countedAgainAt }) => [countedAt, countedAgainAt])
    const least = times.filter((time) => time <= answer.began).length
    const most = times.filter((time) => time <= answer.ended).length
    const shown = count?.events ?? 0
    if (shown < least || shown > most) {
      reader.fail(answer, `has ${shown} ${what} in ${name}, not ${least} to ${most}`)
    }
    if ((count?.contacts ?? 0) > shown)
      reader.fail(answer, `has more contacts than events in ${name}`)
  }
  const { others, undelivered } = line
  const named = {
    SENT: line.sent,
    DELIVERED: line.delivered,
    READ: line.read,
    CLICKED: line.clicked,
    SPAM: line.spam,
    UNSUBSCRIBED: line.unsubscribed,
    SUBSCRIPTION_CHANGED: line.subscriptionChanged,
    UNDELIVERED: undelivered,
    ...others,
  }
  for (const [name, count] of Object.entries(named))
    check(name, count, ({ status }) => status === name)
  check('hard bounces', undelivered.hard, ({ isHard }) => isHard === true)
  check('soft bounces', undelivered.soft, ({ isHard }) => isHard === false)
  check(
    'others',
    sum(Object.values(others)),
    ({ status }) => !(status in named) || status in others,
  )
}

function sum(counts: readonly Count[]): Count {
  const events = counts.reduce((all, count) => all + count.events, 0)
  return { events, contacts: 0 }
}

/** Up to four days, around an event, in quarters of an hour: UTC milliseconds. */
function drawPeriod(reader: Reader): [since: number, until: number] {
  const { random } = reader
  const at = drawEvent(reader)?.occurredAt ?? reader.simulation.now
  const since = at - random.between(0, 2 * DAY)
  const until = at + random.between(1, 2 * DAY)
  return [Math.floor(since / QUARTER) * QUARTER, Math.ceil(until / QUARTER) * QUARTER]
}

function toKey(value: unknown): string | undefined {
  return value === null || value === undefined ? undefined : String(value)
}
