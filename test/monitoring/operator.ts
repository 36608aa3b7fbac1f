import { env } from 'cloudflare:workers'
import { writePhrases, type Phrase } from '../../src/language/messages.ts'
import { checkAndNotify } from '../../src/monitoring/alerts/check.ts'
import type { Notification } from '../../src/monitoring/alerts/compare.ts'

export const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000]
export const ALERT_URL = 'https://alerts.example.com/hooks/very-secret'

/** The message of an alert in English; undefined if there is none. */
export async function readMessage(name: string): Promise<string | undefined> {
  const sql = 'SELECT message FROM alerts WHERE name = ?'
  const message = await env.DB.prepare(sql).bind(name).first<string>('message')
  return message === null ? undefined : writePhrases('en', JSON.parse(message) as Phrase[])
}

/** A message as it is stored. @param text anything, not of the catalogue */
export function storedMessage(text: string): string {
  return JSON.stringify([{ key: 'alerts.plain', values: { text } }])
}

/** A queue with waiting messages; undefined for a queue without metrics. */
export function queueWith(waiting: number | undefined, oldestAt?: number): Queue {
  const metrics = () =>
    waiting === undefined
      ? Promise.reject(new Error('unknown'))
      : Promise.resolve({
          backlogCount: waiting,
          backlogBytes: waiting,
          ...(oldestAt !== undefined && { oldestMessageTimestamp: new Date(oldestAt) }),
        })
  return { metrics } as unknown as Queue
}

/** An environment that posts alerts, with empty queues. */
export function operatorEnv(changes: Partial<Env> = {}): Env {
  return {
    ...env,
    ALERT_URL,
    ACTIVITY_QUEUE: queueWith(0),
    DEAD_LETTERS: queueWith(0),
    ...changes,
  }
}

/** Receives posted alerts: keeps the requests, and decides the next response. */
export class Operator {
  readonly requests: { url: string; init: RequestInit }[] = []
  respond: () => Response | Promise<Response> = () => new Response('ok')

  /** Checks every alert. @returns the notifications that were posted */
  async check(now: number, changes: Partial<Env> = {}): Promise<Notification[]> {
    const before = this.requests.length
    await checkAndNotify(operatorEnv(changes), now, async (url, init) => {
      this.requests.push({ url, init })
      return this.respond()
    })
    const [request, ...others] = this.requests.slice(before)
    if (others.length > 0) throw new Error('posted more than once')
    if (!request) return []
    const { alerts } = JSON.parse(String(request.init.body)) as { alerts: Notification[] }
    if (alerts.length === 0) throw new Error('posted nothing')
    return alerts
  }

  /** Checks every alert. @returns the notifications as `started name` and `ended name` */
  async hear(now: number, changes: Partial<Env> = {}): Promise<string[]> {
    const notifications = await this.check(now, changes)
    return notifications.map(({ name, state }) => `${state} ${name}`)
  }
}

/** Quarantines an element received at that time. */
export async function quarantined(receivedAt: number, reason: string, parts = 1): Promise<void> {
  const request = crypto.randomUUID()
  const insert = env.DB.prepare(
    `INSERT INTO quarantine (request, elementIndex, part, kind, reason, receivedAt, origin, sent)
     VALUES (?, 0, ?, 'element', ?, ?, 'webhook', 'sent')`,
  )
  await env.DB.batch(
    Array.from({ length: parts }, (_, part) => insert.bind(request, part, reason, receivedAt)),
  )
}

export async function run(sql: string, ...values: unknown[]): Promise<void> {
  await env.DB.prepare(sql)
    .bind(...values)
    .run()
}
