import { DAY_MS, HOUR_MS } from '../../src/event/clock.ts'
import { SCHEDULE_PATH } from '../bench/meter-worker.ts'
import { Server } from '../bench/server.ts'

const [DAYS, CONTACTS, BODY_EVENTS, MAX_SCHEDULED] = [365, 10, 500, 200]
const STEPS = ['DELIVERED', 'READ', 'CLICKED']
const SMS_EVERY = 5

export const OPERATE_TOKEN = 'operate-token-of-the-year'

/** After so many days, events move to the archive. */
export const KEEP_DAYS = 30

const SETTINGS = { KEEP_DAYS: String(KEEP_DAYS), CLOUDFLARE_PLAN: 'paid', OPERATE_TOKEN }

/** An event as Yespo sends it. */
export type SentEvent = {
  iid: string
  activityStatus: string
  activityDateTime: string
  contactId?: number
  email?: string
  sms?: string
  mediaType: string
  messageId: number
  messageName: string
}

/** The address of a contact. */
export function emailOf(contact: number): string {
  return `person-${contact}@example.com`
}

/** The phone number of a contact. */
export function phoneOf(contact: number): string {
  return `38050${1_000_000 + contact}`
}

/** The ID of a contact. */
export function contactIdOf(contact: number): number {
  return 700_000_000 + contact
}

/**
 * A year of events up to now, the oldest first: a message a day to each contact, of which most are read and some
 * clicked; every fifth by SMS. Each day somebody without a contact ID gets one, too.
 */
export function makeYear(now: number): SentEvent[] {
  const start = Math.floor(now / DAY_MS) * DAY_MS - DAYS * DAY_MS
  const events: SentEvent[] = []
  for (let day = 0; day < DAYS; day++) {
    for (let contact = 0; contact <= CONTACTS; contact++) {
      const steps = STEPS.slice(0, 1 + ((day * 7 + contact * 3) % (contact === CONTACTS ? 1 : 3)))
      for (const [step, activityStatus] of steps.entries()) {
        const occurredAt = start + day * DAY_MS + contact * 60_000 + (5 + step) * HOUR_MS
        events.push(makeEvent(day, contact, activityStatus, occurredAt))
      }
    }
  }
  return events
}

function makeEvent(
  day: number,
  contact: number,
  activityStatus: string,
  occurredAt: number,
): SentEvent {
  const isSms = (day + contact) % SMS_EVERY === 0
  const number = String(day * 1_000 + contact).padStart(12, '0')
  return {
    iid: `00000000-0000-4000-8000-${number}`,
    activityStatus,
    activityDateTime: new Date(occurredAt).toISOString().slice(0, 19),
    ...(contact < CONTACTS && { contactId: contactIdOf(contact) }),
    ...(isSms ? { sms: phoneOf(contact) } : { email: emailOf(contact) }),
    mediaType: isSms ? 'sms' : 'email',
    messageId: 2_000_000 + day,
    messageName: `Message of day ${day}`,
  }
}

/** When an event happened: UTC milliseconds. */
export function timeOf({ activityDateTime }: SentEvent): number {
  return Date.parse(`${activityDateTime}Z`)
}

/** Starts a receiver that gets a year of events, and has moved eleven months of them to its archive by itself. */
export async function startWithYear(sent: readonly SentEvent[]): Promise<Server> {
  const server = await Server.start('receiver', undefined, SETTINGS)
  for (let first = 0; first < sent.length; first += BODY_EVENTS) {
    await server.post([Buffer.from(JSON.stringify(sent.slice(first, first + BODY_EVENTS)))])
  }
  await server.untilStored(sent.length)
  const db = await server.database()
  // As if each had come in when it happened: what has just come in does not move.
  await db.prepare('UPDATE activity SET receivedAt = occurredAt').run()
  await runSchedule(server)
  return server
}

/** Runs the schedule until nothing is left to do. */
export async function runSchedule(server: Server): Promise<void> {
  for (let run = 0; run < MAX_SCHEDULED; run++) {
    await server.request('GET', SCHEDULE_PATH)
    const before = await server.readUsed()
    const after = await server.untilConsumed()
    if (before.waiting === 0 && after.rowsWritten === before.rowsWritten && !(await isBusy(server)))
      return
  }
  throw new Error('it never ends')
}

async function isBusy(server: Server): Promise<boolean> {
  const db = await server.database()
  const sql = `
    SELECT (SELECT count(*) FROM archive WHERE state <> 'done')
      + (SELECT count(*) FROM erasures WHERE finishedAt IS NULL)
      + NOT EXISTS (SELECT 1 FROM key_values WHERE name = 'retention.done') AS things`
  return (await db.prepare(sql).first<number>('things')) !== 0
}
