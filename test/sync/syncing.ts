import { env } from 'cloudflare:workers'
import { consumeBatch } from '../../src/consume-batch.ts'
import type { SyncDeps } from '../../src/sync/process-slice.ts'

/** What `fetch` is to answer. */
export type Answering = (url: URL, request: RequestInit) => Response | Promise<Response>

/** Yespo's API over a list of events, as far as windows go. */
export function serve(events: readonly Record<string, unknown>[]): Answering {
  return (url) => {
    const [from, to] = ['dateFrom', 'dateTo'].map((name) => url.searchParams.get(name) ?? '')
    const most = Number(url.searchParams.get('maxrows'))
    const rows = events.filter(({ activityDateTime: time }) => {
      return String(time) >= String(from) && String(time) <= String(to)
    })
    return Response.json(rows.slice(0, most).map((event, place) => ({ ...event, offset: place })))
  }
}

/** A queue of windows, emptied by the receiver as fast as it can. */
export class Syncing {
  readonly calls: URL[] = []
  readonly delays: number[] = []
  readonly waits: number[] = []
  readonly messages: { body: string; attempts: number }[] = []
  readonly #around: SyncDeps
  readonly env: Env

  constructor(answer: Answering, changes: Partial<Env> = {}) {
    this.#around = {
      get: (async (url: string | URL, request: RequestInit = {}) => {
        this.calls.push(new URL(url))
        return answer(new URL(url), request)
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

  /** Delivers all that waits, and what comes of it; @param most batches */
  async run(most = 1_000): Promise<void> {
    for (let batch = 0; this.messages.length > 0 && batch < most; batch++) await this.deliver()
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
