import { join } from 'node:path'
import { createTestHarness, experimental_readRawConfig as readRawConfig } from 'wrangler'
import type { Answered } from '../receiver.ts'
import type { FaultKind } from './faults.ts'
import { mayLoseDigits, parseExactly } from '../../src/activity/exact-number.ts'
import { readKept } from '../plain-recount.ts'
import { send } from '../yespo/transport.ts'

const ROOT = join(import.meta.dirname, '../..')
const PAGE = 500
// Addresses, phone numbers, push tokens, and credentials as they are and as Basic carries them.
const LEAK = /@example\.com|38000\d|soak-(?:login|password|token|key)|c29hay1|[A-Za-z0-9+/]{60,}/

const SECRETS = {
  WEBHOOK_LOGIN: 'soak-login',
  WEBHOOK_PASSWORD: 'soak-password',
  WEBHOOK_HEADERS: 'X-Key: soak-key',
  READ_TOKEN: 'soak-token',
  WEBHOOK_LOGIN_PREVIOUS: '',
  WEBHOOK_PASSWORD_PREVIOUS: '',
  WEBHOOK_HEADERS_PREVIOUS: '',
  READ_TOKEN_PREVIOUS: '',
  OPERATE_TOKEN: '',
  ALERT_URL: '',
}

/** What the receiver's queue holds, and what went wrong so far. */
export type QueueState = {
  /** UTC milliseconds; null where nothing waits. */
  nextDueAt: number | null
  /** Writes that go on after the receiver gave them up. */
  lateWrites: number
  counts: Partial<Record<FaultKind, number>>
}

/** The receiver in the Workers runtime, behind bindings that fail. */
export class Server {
  readonly credentials = { login: 'soak-login', password: 'soak-password' }
  /** Sent with every request; the second one is kept with every event. */
  readonly headers = [
    { key: 'X-Key', value: 'soak-key' },
    { key: 'X-Shop', value: 'крамниця' },
  ]
  leaks = 0
  logLines = 0
  readonly #harness: ReturnType<typeof createTestHarness>
  readonly #url: string

  private constructor(harness: ReturnType<typeof createTestHarness>, url: string) {
    this.#harness = harness
    this.#url = url
  }

  static async start(seed: number, scale: number): Promise<Server> {
    process.env['CLOUDFLARE_CF_FETCH_ENABLED'] = 'false'
    const { rawConfig } = readRawConfig({ config: join(ROOT, 'wrangler.toml') })
    // It reads as fast as it can, and the schedule runs when it says so.
    const {
      env: _environments,
      queues,
      ratelimits: _limits,
      triggers: _times,
      ...config
    } = rawConfig
    const harness = createTestHarness({
      root: ROOT,
      workers: [
        {
          config: {
            ...config,
            main: join(ROOT, 'test/soak/entry.ts'),
            vars: { ...config.vars, LABEL_HEADERS: 'X-Shop' },
          },
          // All of them: what .dev.vars holds is the local receiver's.
          secrets: SECRETS,
        },
      ],
    })
    const { url } = await harness.listen()
    await harness.getWorker<Env>().applyD1Migrations('DB')
    const server = new Server(harness, url.origin)
    const consumers = Buffer.from(JSON.stringify(queues?.consumers))
    await server.#ask(`/soak/begin?seed=${seed}&scale=${scale}`, consumers)
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
      const value = mayLoseDigits(text) ? parseExactly(text) : JSON.parse(text)
      const { activity, next } = value as { activity: Answered[]; next: string | null }
      yield* activity
      cursor = next === null ? '' : `&cursor=${next}`
    } while (cursor !== '')
  }

  /** Everything that was set aside, its parts put together. */
  async readSetAside(): Promise<{ sent: string; kind: string }[]> {
    const env = await this.#harness.getWorker<Env>().getEnv()
    const sql = `
      SELECT group_concat(sent, '') AS sent, min(kind) AS kind
      FROM (SELECT * FROM quarantine ORDER BY request, elementIndex, part)
      GROUP BY request, elementIndex`
    return (await env.DB.prepare(sql).all<{ sent: string; kind: string }>()).results
  }

  /** What it keeps beside the events. */
  async readKept(): ReturnType<typeof readKept> {
    return readKept((await this.#harness.getWorker<Env>().getEnv()).DB)
  }

  close(): Promise<void> {
    return this.#harness.close()
  }

  #searchLogs(): void {
    for (const { message } of this.#harness.getLogs()) {
      this.logLines++
      if (LEAK.test(message)) this.leaks++
    }
    this.#harness.clearLogs()
  }

  async #ask(path: string, content?: Buffer): Promise<string> {
    const request = {
      method: content ? 'POST' : 'GET',
      url: `${this.#url}${path}`,
      headers: { Authorization: 'Bearer soak-token' },
      ...(content && { body: content }),
    } as const
    const { status, body } = await send(request)
    if (status !== 200) throw new Error(`${path} answered ${status} ${body}`)
    return body
  }
}
