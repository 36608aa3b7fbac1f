import { toEvent } from '../activity/api-row.ts'
import { secondMeaning, toLocalText, toUtc } from '../activity/clock.ts'
import { listIds } from '../activity/identity.ts'
import type { Position } from '../store/list.ts'
import { placeName, readContents } from '../store/quarantine-twins.ts'
import { limited } from './limited.ts'

/** Zones of the times that Yespo writes, IANA names. */
export type Zones = { ofApi: string; ofWebhook: string }

/** A row that may have happened at either of two moments. */
type Doubtful = { event: Record<string, unknown>; meanings: [Meaning, Meaning] }
type Meaning = Position & { text: string }

const SECOND_MS = 1_000

/**
 * Rows of Yespo's API as the webhook would report the events: its names of parameters, and its times. Of what
 * the API's clocks showed twice, the moment is taken at which such an event is stored; the first, where none is.
 */
export async function toEvents(
  db: D1Database,
  rows: readonly object[],
  { ofApi, ofWebhook }: Zones,
): Promise<Record<string, unknown>[]> {
  const events = rows.map(toEvent)
  if (ofApi === ofWebhook) return events
  const doubtful: Doubtful[] = []
  for (const event of events) {
    const { activityDateTime: text } = event
    if (typeof text !== 'string') continue
    const first = toUtc(text, ofApi)
    if (first === undefined) continue // which is no event, and is set aside as it came
    const second = secondMeaning(text, ofApi)
    event['activityDateTime'] = write(first, ofWebhook)
    if (second === undefined) continue
    doubtful.push({
      event,
      meanings: [mean(event, first, ofWebhook), mean(event, second, ofWebhook)],
    })
  }
  await decide(db, doubtful)
  return events
}

/** Equal rows are as many events, so each takes a moment of its own. */
async function decide(db: D1Database, doubtful: readonly Doubtful[]): Promise<void> {
  if (doubtful.length === 0) return
  const places = doubtful.flatMap(({ meanings }) => meanings)
  const stored = await limited(readContents(db, places))
  const equal = Map.groupBy(doubtful, ({ meanings: [first] }) => placeName(first))
  for (const group of equal.values()) {
    const open = group[0]?.meanings.filter((meaning) => stored.has(placeName(meaning))) ?? []
    for (const { event, meanings } of group) {
      event['activityDateTime'] = (open.shift() ?? meanings[0]).text
    }
  }
}

function mean(event: object, occurredAt: number, zone: string): Meaning {
  const text = write(occurredAt, zone)
  const id = listIds({ ...event, activityDateTime: text }, occurredAt)(0)
  return { occurredAt, id, text }
}

function write(time: number, zone: string): string {
  const fraction = ((time % SECOND_MS) + SECOND_MS) % SECOND_MS
  return toLocalText(time, zone) + (fraction ? `.${String(fraction).padStart(3, '0')}` : '')
}
