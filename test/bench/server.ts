import { join } from 'node:path'
import { Pool } from 'undici'
import {
  createTestHarness,
  experimental_readRawConfig as readRawConfig,
  type TestHarnessOptions,
} from 'wrangler'
import { NO_SECRETS } from '../no-secrets.ts'
import { TUTORIAL_SCHEMA } from './tutorial.ts'
import { PATIENCE_MS } from '../patience.ts'

const ROOT = join(import.meta.dirname, '../..')
const CONNECTIONS = 16
const POLL_MS = 50

/** What reads from it. */
export const TOKEN = 'token-of-the-bench'
const AUTHORIZATION = `Basic ${Buffer.from('bench:password-of-the-bench').toString('base64')}`

const SECRETS = {
  ...NO_SECRETS,
  WEBHOOK_LOGIN: 'bench',
  WEBHOOK_PASSWORD: 'password-of-the-bench',
  READ_TOKEN: TOKEN,
}

const WORKER = { compatibility_date: '2026-11-01', minify: true, keep_names: false } as const

/** Who is measured. */
export type Kind = 'receiver' | 'edge' | 'door' | 'tutorial' | 'kernel'

type Workers = NonNullable<TestHarnessOptions['workers']>

// It asks as fast as it can.
const { rawConfig } = readRawConfig({ config: join(ROOT, 'wrangler.toml') })
const { env: _environments, ratelimits: _limits, triggers: _times, ...receiver } = rawConfig

const WORKERS: Readonly<Record<Kind, Workers>> = {
  receiver: [
    {
      config: { ...receiver, main: join(ROOT, 'src/index.ts') },
      // All of them: what .dev.vars holds is the local receiver's.
      secrets: SECRETS,
    },
  ],
  edge: [
    {
      config: {
        ...receiver,
        queues: { producers: [] },
        main: join(import.meta.dirname, 'edge.ts'),
      },
      secrets: SECRETS,
    },
  ],
  door: [{ config: { ...WORKER, name: 'door', main: join(import.meta.dirname, 'door.ts') } }],
  kernel: [{ config: { ...WORKER, name: 'kernel', main: join(import.meta.dirname, 'kernel.ts') } }],
  tutorial: [
    {
      config: {
        ...WORKER,
        name: 'tutorial',
        main: join(import.meta.dirname, 'tutorial.ts'),
        d1_databases: [{ binding: 'DB', database_name: 'tutorial', database_id: 'tutorial' }],
        queues: {
          producers: [{ binding: 'QUEUE', queue: 'tutorial' }],
          // Larger batches than the examples have, as large as ours: it is not about the settings.
          consumers: [{ queue: 'tutorial', max_batch_size: 100, max_batch_timeout: 1 }],
        },
      },
    },
  ],
}

/** A Worker in the local runtime, as `npm start` runs it. */
export class Server {
  readonly #harness: ReturnType<typeof createTestHarness>
  readonly #pool: Pool
  readonly #table: string

  /** Where it listens, such as `http://127.0.0.1:40000`. */
  readonly origin: string

  private constructor(kind: Kind, harness: ReturnType<typeof createTestHarness>, url: URL) {
    this.origin = url.origin
    this.#harness = harness
    this.#pool = new Pool(url.origin, { connections: CONNECTIONS })
    this.#table = kind === 'tutorial' ? 'events' : 'activity'
  }

  static async start(kind: Kind): Promise<Server> {
    process.env['CLOUDFLARE_CF_FETCH_ENABLED'] = 'false'
    process.env['WRANGLER_SEND_METRICS'] = 'false'
    process.env['WRANGLER_LOG'] = 'error'
    const harness = createTestHarness({ root: ROOT, workers: WORKERS[kind] })
    const { url } = await harness.listen()
    const server = new Server(kind, harness, url)
    if (kind === 'receiver' || kind === 'edge') {
      await harness.getWorker<Env>().applyD1Migrations('DB')
    }
    if (kind === 'tutorial') {
      const db = await server.database()
      for (const sql of TUTORIAL_SCHEMA) await db.prepare(sql).run()
    }
    return server
  }

  async database(): Promise<D1Database> {
    return (await this.#harness.getWorker<Env>().getEnv()).DB
  }

  /** What the receiver is set up with, for asking it without the network. */
  get settings(): Env {
    return { ...SECRETS } as unknown as Env
  }

  /** Sends bodies to the webhook over all connections; every one has to be taken. */
  async post(bodies: Iterable<Buffer>): Promise<void> {
    const queue = bodies[Symbol.iterator]()
    const send = async () => {
      for (let next = queue.next(); !next.done; next = queue.next()) {
        await this.ask('POST', '/webhooks/yespo', next.value)
      }
    }
    await Promise.all(Array.from({ length: CONNECTIONS }, send))
  }

  /** @returns the answer's text; @throws unless it is 200 */
  async ask(method: 'GET' | 'POST', path: string, body?: Buffer): Promise<string> {
    const authorization = method === 'POST' ? AUTHORIZATION : `Bearer ${TOKEN}`
    const headers = { authorization, 'content-type': 'application/json' }
    const answer = await this.#pool.request({ method, path, headers, ...(body && { body }) })
    const text = await answer.body.text()
    if (answer.statusCode !== 200) throw new Error(`${path} answered ${answer.statusCode} ${text}`)
    return text
  }

  async countStored(): Promise<number> {
    const db = await this.database()
    const sql = `SELECT count(*) AS stored FROM ${this.#table}`
    return (await db.prepare(sql).first<number>('stored')) ?? 0
  }

  async untilStored(count: number): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS
    while ((await this.countStored()) < count) {
      if (performance.now() > deadline) throw new Error(`${count} events were never stored`)
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  }

  /** What it logged since the last time. */
  takeLogs(): string[] {
    const lines = this.#harness.getLogs().map(({ message }) => message)
    this.#harness.clearLogs()
    return lines
  }

  async close(): Promise<void> {
    await this.#pool.close()
    await this.#harness.close()
  }
}
