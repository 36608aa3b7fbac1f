import { join } from 'node:path'
import { createTestHarness, experimental_readRawConfig as readRawConfig } from 'wrangler'
import type { Answered } from '../receiver.ts'
import type { FaultKind } from './faults.ts'
import { send } from '../yespo/transport.ts'

const ROOT = join(import.meta.dirname, '../..')
const PAGE = 500
const LEAK = /@example\.com|38000\d|soak-(?:login|password|token)|[A-Za-z0-9+/]{60,}/

/** What the receiver's queue holds, and what went wrong so far. */
export type QueueState = {
  size: number
  /** UTC milliseconds; null where nothing waits. */
  nextDueAt: number | null
  counts: Partial<Record<FaultKind, number>>
}

/** The receiver in the Workers runtime, behind bindings that fail. */
export class Server {
  readonly credentials = { login: 'soak-login', password: 'soak-password' }
  leaks = 0
  readonly #harness: ReturnType<typeof createTestHarness>
  readonly #url: string

  private constructor(harness: ReturnType<typeof createTestHarness>, url: string) {
    this.#harness = harness
    this.#url = url
  }

  static async start(seed: number, scale: number): Promise<Server> {
    process.env['CLOUDFLARE_CF_FETCH_ENABLED'] = 'false'
    const { rawConfig } = readRawConfig({ config: join(ROOT, 'wrangler.toml') })
    const { env: _environments, queues, ...config } = rawConfig
    const harness = createTestHarness({
      root: ROOT,
      workers: [
        {
          config: {
            ...config,
            main: join(ROOT, 'test/soak/entry.ts'),
            vars: {
              ...config.vars,
              WEBHOOK_LOGIN: 'soak-login',
              WEBHOOK_PASSWORD: 'soak-password',
              READ_TOKEN: 'soak-token',
            },
          },
        },
      ],
    })
    const { url } = await harness.listen()
    await harness.getWorker<Env>().applyD1Migrations('DB')
    const server = new Server(harness, url.origin)
    await server.#ask(`/soak/begin?seed=${seed}&scale=${scale}`)
    return server
  }

  get webhookUrl(): string {
    return `${this.#url}/webhooks/yespo`
  }

  /** Tells the time, and has something done. */
  async control(what: 'deliver' | 'calm', now: number): Promise<QueueState> {
    this.#searchLogs()
    return JSON.parse(await this.#ask(`/soak/${what}?now=${now}`)) as QueueState
  }

  /** Everything that is stored, by the read API. */
  async *readAll(): AsyncGenerator<Answered> {
    let cursor = ''
    do {
      const text = await this.#ask(`/activity?limit=${PAGE}${cursor}`)
      const { activity, next } = JSON.parse(text) as { activity: Answered[]; next: string | null }
      yield* activity
      cursor = next === null ? '' : `&cursor=${next}`
    } while (cursor !== '')
  }

  /** The text of everything that was set aside. */
  async readSetAside(): Promise<string[]> {
    const env = await this.#harness.getWorker<Env>().getEnv()
    const sql =
      "SELECT group_concat(sent, '') AS sent FROM (SELECT * FROM quarantine ORDER BY request, elementIndex, part) GROUP BY request, elementIndex"
    const { results } = await env.DB.prepare(sql).all<{ sent: string }>()
    return results.map(({ sent }) => sent)
  }

  close(): Promise<void> {
    return this.#harness.close()
  }

  #searchLogs(): void {
    for (const { message } of this.#harness.getLogs()) if (LEAK.test(message)) this.leaks++
    this.#harness.clearLogs()
  }

  async #ask(path: string): Promise<string> {
    const headers = { Authorization: 'Bearer soak-token' }
    const { status, body } = await send({ method: 'GET', url: `${this.#url}${path}`, headers })
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${body}`)
    return body
  }
}
