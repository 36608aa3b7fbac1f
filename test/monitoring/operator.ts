import { env } from 'cloudflare:workers'
import { checkAndNotify } from '../../src/monitoring/alerts/check.ts'
import type { News } from '../../src/monitoring/alerts/changes.ts'

export const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000]
export const ALERT_URL = 'https://alerts.example.com/hooks/very-secret'

/** A queue in which so many messages wait; undefined for one that does not tell. */
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

/** The environment of an owner who is posted alerts, with empty queues. */
export function ownersEnv(changes: Partial<Env> = {}): Env {
  return {
    ...env,
    ALERT_URL,
    ACTIVITY_QUEUE: queueWith(0),
    DEAD_LETTERS: queueWith(0),
    ...changes,
  }
}

/** Where alerts are posted to: what came, and how the next is answered. */
export class Owner {
  readonly requests: { url: string; init: RequestInit }[] = []
  answer: () => Response | Promise<Response> = () => new Response('ok')

  /** Has everything checked; tells what that posted: undefined where nothing was. */
  async check(now: number, changes: Partial<Env> = {}): Promise<News[] | undefined> {
    const before = this.requests.length
    await checkAndNotify(ownersEnv(changes), now, async (url, init) => {
      this.requests.push({ url, init })
      return this.answer()
    })
    if (this.requests.length > before + 1) throw new Error('posted more than once')
    const body = this.requests[before]?.init.body
    return body === undefined ? undefined : JSON.parse(String(body)).alerts
  }

  /** The same, as `begun name` and `ended name`. */
  async hear(now: number, changes: Partial<Env> = {}): Promise<string[]> {
    const news = (await this.check(now, changes)) ?? []
    return news.map(({ name, state }) => `${state} ${name}`)
  }
}

/** Sets an element aside that was received then. */
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
