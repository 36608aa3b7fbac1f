import { toEvent } from '../event/api-row.ts'
import { secondMeaning, toLocalText, toUtc } from '../event/clock.ts'

/** Zones of the times that Yespo writes, IANA names. */
export type Zones = { ofApi: string; ofWebhook: string }

/** A row of the API as an event; `second` is the other moment of a time that its clocks showed twice. */
export type RowEvent = { event: Record<string, unknown>; second: number | undefined }

const SECOND_MS = 1_000

/** A row of Yespo's API as the webhook would report the event: its names of parameters, and its times. */
export function readRow(row: object, { ofApi, ofWebhook }: Zones): RowEvent {
  const event = toEvent(row)
  const { activityDateTime: time } = event
  const first = ofApi === ofWebhook || typeof time !== 'string' ? undefined : toUtc(time, ofApi)
  // What is no time is no event, and is set aside as it came.
  if (first === undefined) return { event, second: undefined }
  const second = secondMeaning(time, ofApi)
  return {
    event: { ...event, activityDateTime: write(first, ofWebhook) },
    second: second === undefined ? undefined : toUtc(write(second, ofWebhook), ofWebhook),
  }
}

function write(time: number, zone: string): string {
  const fraction = ((time % SECOND_MS) + SECOND_MS) % SECOND_MS
  return toLocalText(time, zone) + (fraction ? `.${String(fraction).padStart(3, '0')}` : '')
}
