import { env } from 'cloudflare:workers'
import { consumeBatch } from '../../src/consume-batch.ts'
import type { SyncDeps } from '../../src/sync/process-slice.ts'

/** Produces the responses of `fetch`. */
export type Responder = (url: URL, request: RequestInit) => Response | Promise<Response>

/** Yespo's API for a list of events: it only supports time ranges. */
export function serve(events: readonly Record<string, unknown>[]): Responder {
  return (url) => {
    const [from, to] = ['dateFrom', 'dateTo'].map((name) => url.searchParams.get(name) ?? '')
    const max = Number(url.searchParams.get('maxrows'))
    const rows = events.filter(({ activityDateTime: time }) => {
      return String(time) >= String(from) && String(time) <= String(to)
    })
    return Response.json(rows.slice(0, max).map((event, index) => ({ ...event, offset: index })))
  }
}

/** A queue of time slices, which the receiver empties as fast as it can. */
export class Syncing {
  readonly calls: URL[] = []
  readonly delays: number[] = []
  readonly waits: number[] = []
  readonly messages: { body: string; attempts: number }[] = []
  readonly #around: SyncDeps
  readonly env: Env

  constructor(respond: Responder, changes: Partial<Env> = {}) {
    this.#around = {
      get: (async (url: string | URL, request: RequestInit = {}) => {
        this.calls.push(new URL(url))
        return respond(new URL(url), request)
      }) as typeof fetch,
      wait: async (ms) => void this.waits.push(ms),
      nextCallAt: 0,
    }
    const sendBatch = async (sent: Iterable<MessageSendRequest<string>>) => {
      for (const { body } of sent) this.messages.push({ body, attempts: 1 })
    }
    const TASKS = {
      sendBatch,
      send: (body: string) => sendBatch([{ body }]),
    } as unknown as Queue
    this.env = {
      ...env,
      TASKS,
      YESPO_API_KEY: 'api-key',
      YESPO_API_TIME_ZONE: 'UTC',
      CLOUDFLARE_PLAN: 'paid',
      ...changes,
    }
  }

  /** Delivers waiting messages, and those that they lead to. @param max batches */
  async run(max = 1_000): Promise<void> {
    for (let batch = 0; this.messages.length > 0 && batch < max; batch++) await this.deliver()
  }

  async deliver(): Promise<void> {
    const chosen = this.messages.splice(0, 2)
    const messages = chosen.map((message) => ({
      ...message,
      ack: () => {},
      retry: ({ delaySeconds = 0 }: QueueRetryOptions = {}) => {
        this.delays.push(delaySeconds)
        this.messages.push({ ...message, attempts: message.attempts + 1 })
      },
    }))
    const batch = { queue: 'of any name', messages } as unknown as MessageBatch<unknown>
    await consumeBatch(batch, this.env, this.#around)
  }
}
