import { errorText, log } from '../../platform/log.ts'
import { isDailyLimit, isNotMigrated } from '../../db/errors.ts'
import * as kv from '../../db/kv.ts'
import { retryDelay } from '../../platform/retry-delay.ts'
import { readSnapshotValue, type Snapshot } from '../snapshot.ts'
import type { Phrase } from '../../language/messages.ts'
import type { Ended, Notification } from './compare.ts'

const NAME = 'database_down'
const MESSAGE = /^\{"v":1,"outageSince":(\d{1,16})\}$/

/**
 * The text of a message of the queue that records the notification of an outage. The queue keeps it while the database
 * cannot; its consumer saves it once the database is back, so that the end is notified, too.
 *
 * @param since UTC milliseconds
 */
export function encodeOutage(since: number): string {
  return `{"v":1,"outageSince":${since}}`
}

/** Whether the body of a message of the queue records an outage. */
export function isOutage(body: unknown): boolean {
  return typeof body === 'string' && MESSAGE.test(body)
}

/** Records in the database that outages were notified. */
export async function consumeOutages(
  messages: readonly Message<unknown>[],
  db: D1Database,
): Promise<void> {
  try {
    // A long outage has several messages; those that arrive after its end was notified are dropped.
    const ended = Number((await kv.get(db, 'outage.ended')) ?? -Infinity)
    const times = messages.map(({ body }) => Number(MESSAGE.exec(String(body))?.[1]))
    const since = Math.min(...times.filter((time) => time > ended))
    if (since < Infinity) await kv.setEarliest(db, 'outage.notified', since)
    for (const message of messages) message.ack()
  } catch (error) {
    log('warn', 'outage_not_recorded', { errors: [errorText(error)] })
    for (const message of messages) message.retry({ delaySeconds: retryDelay(message.attempts) })
  }
}

/** The end of an outage that was notified. */
export function findOutageEnd(snapshot: Snapshot): Ended[] {
  const since = readSnapshotValue<number>(snapshot, 'outage.notified')
  if (since === undefined) return []
  return [{ name: NAME, message: [{ key: 'alerts.back' }], since, wasNotified: true }]
}

/** The notification of an outage, without the text of the error, which may quote data. */
export function describeOutage(error: unknown, since: number): Notification {
  return { name: NAME, state: 'started', message: [explain(error)], since }
}

function explain(error: unknown): Phrase {
  if (isDailyLimit(error)) return { key: 'alerts.downDailyLimit' }
  return { key: isNotMigrated(error) ? 'alerts.downNotMigrated' : 'alerts.down' }
}
