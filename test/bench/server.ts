import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Miniflare, type V4WorkerOptions } from 'miniflare'
import { Pool } from 'undici'
import { NO_SECRETS } from '../no-secrets.ts'
import { PATIENCE_MS } from '../patience.ts'
import { readWranglerConfig } from '../read-config.ts'
import { buildMetered, ROOT } from './build.ts'
import { USED_PATH, type Used } from './meter-worker.ts'
import { listRuntimes } from './runtime-process.ts'
import { TUTORIAL_SCHEMA } from './tutorial.ts'

const CONNECTIONS = 16
const POLL_MS = 10

/** The read token. */
export const TOKEN = 'token-of-the-bench'
const AUTHORIZATION = `Basic ${Buffer.from('bench:password-of-the-bench').toString('base64')}`

const SECRETS = {
  ...NO_SECRETS,
  WEBHOOK_LOGIN: 'bench',
  WEBHOOK_PASSWORD: 'password-of-the-bench',
  READ_TOKEN: TOKEN,
}

/** The measured Workers. */
export type Kind = 'receiver' | 'edge' | 'minimal' | 'tutorial' | 'kernel'

type Options = Pick<
  V4WorkerOptions,
  'bindings' | 'd1Databases' | 'queueProducers' | 'queueConsumers'
>

/** A Worker in the local runtime, without a development proxy in between. */
export class Server {
  readonly #runtime: Miniflare
  readonly #bundle: string
  readonly #pool: Pool
  readonly #table: string
  #cookie: string | undefined

  /** The URL, such as `http://127.0.0.1:40000`. */
  readonly origin: string

  /** The process of the runtime; undefined if the system has no /proc. */
  readonly processId: number | undefined

  private constructor(
    kind: Kind,
    runtime: Miniflare,
    bundle: string,
    origin: string,
    processId: number | undefined,
  ) {
    this.#runtime = runtime
    this.#bundle = bundle
    this.#pool = new Pool(origin, { connections: CONNECTIONS })
    this.#table = kind === 'tutorial' ? 'events' : 'activity'
    this.origin = origin
    this.processId = processId
  }

  /**
   * @param root the checkout of the receiver
   * @param archive settings of a receiver that has a bucket for its archive
   * @param folder keeps the database; it may have one already
   */
  static async start(
    kind: Kind,
    root = ROOT,
    archive?: Readonly<Record<string, string>>,
    folder?: string,
  ): Promise<Server> {
    const config = readWranglerConfig(root) as Config
    const main =
      kind === 'receiver' ? join(root, 'src/index.ts') : join(import.meta.dirname, `${kind}.ts`)
    const bundle = buildMetered(main, root)
    const others = new Set(listRuntimes())
    const runtime = new Miniflare(
      convertV4MiniflareOptions({
        name: kind,
        compatibilityDate: config.compatibility_date,
        modules: listModules(bundle),
        modulesRoot: bundle,
        unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
        cf: false,
        handleStructuredLogs: ({ level, message }) => {
          if (level === 'error') console.error(message)
        },
        ...OPTIONS[kind](withSettings(config, archive)),
        ...(archive && { r2Buckets: { ARCHIVE: 'archive' } }),
        ...(folder !== undefined && { resourcePersistencePath: folder }),
      }),
    )
    await runtime.ready
    const { origin } = await runtime.unsafeGetDirectURL(kind)
    const processId = listRuntimes().find((id) => !others.has(id))
    const server = new Server(kind, runtime, bundle, origin, processId)
    if (kind === 'receiver') await server.#migrate(await readMigrations(root))
    if (kind === 'tutorial') await server.#migrate(TUTORIAL_SCHEMA)
    return server
  }

  async #migrate(sql: readonly string[]): Promise<void> {
    const db = await this.database()
    if ((await db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').first()) !== null) return
    await db.batch(sql.map((each) => db.prepare(each)))
  }

  async database(): Promise<D1Database> {
    return this.#runtime.getD1Database('DB') as unknown as Promise<D1Database>
  }

  /** The bucket of the archive. */
  async bucket(): Promise<R2Bucket> {
    return this.#runtime.getR2Bucket('ARCHIVE') as unknown as Promise<R2Bucket>
  }

  /** Sends bodies to the webhook over all connections; each has to be accepted. */
  async post(bodies: Iterable<Buffer>): Promise<void> {
    const queue = bodies[Symbol.iterator]()
    const send = async () => {
      for (let next = queue.next(); !next.done; next = queue.next()) {
        await this.request('POST', '/webhooks/yespo', next.value)
      }
    }
    await Promise.all(Array.from({ length: CONNECTIONS }, send))
  }

  /** @returns the text of the response @throws unless it is 200 */
  async request(method: 'GET' | 'POST', path: string, body?: Buffer): Promise<string> {
    const authorization = method === 'POST' ? AUTHORIZATION : `Bearer ${TOKEN}`
    const headers = { authorization, 'content-type': 'application/json' }
    const response = await this.#pool.request({ method, path, headers, ...(body && { body }) })
    const text = await response.body.text()
    if (response.statusCode !== 200)
      throw new Error(`${path} returned ${response.statusCode} ${text}`)
    return text
  }

  /** Requests a page, with a session. */
  async show(path: string): Promise<string> {
    const headers = { cookie: (this.#cookie ??= await this.#signIn()) }
    const response = await this.#pool.request({ method: 'GET', path, headers })
    const text = await response.body.text()
    if (response.statusCode !== 200)
      throw new Error(`${path} returned ${response.statusCode} ${text}`)
    return text
  }

  async #signIn(): Promise<string> {
    const body = new URLSearchParams({ token: TOKEN })
    const headers = { origin: this.origin }
    const url = `${this.origin}/sign-in`
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual' })
    const [cookie] = response.headers.getSetCookie()
    if (!cookie) throw new Error(`/sign-in returned ${response.status}`)
    return cookie.split(';', 1).join()
  }

  /** Reads the use so far. */
  async readUsed(): Promise<Used> {
    return JSON.parse(await this.request('GET', USED_PATH)) as Used
  }

  /** Waits until the queue is empty, so that everything posted is stored. */
  async untilConsumed(): Promise<Used> {
    const deadline = performance.now() + PATIENCE_MS
    for (;;) {
      const used = await this.readUsed()
      if (used.waiting === 0) return used
      if (performance.now() > deadline)
        throw new Error(`${used.waiting} messages were never stored`)
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  }

  async countStored(): Promise<number> {
    const db = await this.database()
    const sql = `SELECT count(*) AS stored FROM ${this.#table}`
    return (await db.prepare(sql).first<number>('stored')) ?? 0
  }

  /** Waits until everything posted is stored. @throws unless that is the expected number of events */
  async untilStored(count: number): Promise<void> {
    await this.untilConsumed()
    const stored = await this.countStored()
    if (stored !== count) throw new Error(`${stored} events are stored instead of ${count}`)
  }

  async close(): Promise<void> {
    await this.#pool.close()
    await this.#runtime.dispose()
    rmSync(this.#bundle, { recursive: true })
  }
}

/** The parts of wrangler.toml that the bench needs. */
type Config = {
  compatibility_date: string
  vars: Record<string, string>
  queues: { producers: { binding: string; queue: string }[]; consumers: Consumer[] }
}

type Consumer = {
  queue: string
  max_batch_size: number
  max_batch_timeout: number
  max_retries: number
  dead_letter_queue?: string
}

function withSettings(config: Config, settings: Readonly<Record<string, string>> = {}): Config {
  const vars = { ...config.vars, ...settings }
  return { ...config, vars }
}

/** The bindings of each Worker. No rate limits, because the bench sends as fast as it can. */
const OPTIONS: Readonly<Record<Kind, (config: Config) => Options>> = {
  receiver: ({ vars, queues }) => ({
    // Every secret is set here, because .dev.vars belongs to the local receiver.
    bindings: { ...SECRETS, ...vars },
    d1Databases: { DB: 'receiver' },
    queueProducers: Object.fromEntries(
      queues.producers.map(({ binding, queue }) => [binding, queue]),
    ),
    queueConsumers: Object.fromEntries(
      queues.consumers.map((consumer) => [consumer.queue, toLocal(consumer)]),
    ),
  }),
  edge: ({ vars }) => ({ bindings: { ...vars, ...SECRETS } }),
  minimal: () => ({}),
  kernel: () => ({}),
  tutorial: () => ({
    d1Databases: { DB: 'tutorial' },
    queueProducers: { QUEUE: 'tutorial' },
    // Batches as large as ours instead of the examples': the comparison is not about settings.
    queueConsumers: { tutorial: { maxBatchSize: 100, maxBatchTimeout: 1 } },
  }),
}

function toLocal({ max_batch_size, max_batch_timeout, max_retries, dead_letter_queue }: Consumer) {
  return {
    maxBatchSize: max_batch_size,
    maxBatchTimeout: max_batch_timeout,
    maxRetries: max_retries,
    ...(dead_letter_queue && { deadLetterQueue: dead_letter_queue }),
  }
}

/** The modules of a bundle: the Worker first, then the static files. */
function listModules(bundle: string) {
  const files = readdirSync(bundle).filter((name) => /\.(js|css|html|txt)$/.test(name))
  return files
    .sort((a, b) => Number(b === 'metered.js') - Number(a === 'metered.js'))
    .map((name) => ({
      type: name === 'metered.js' ? ('ESModule' as const) : ('Text' as const),
      path: join(bundle, name),
    }))
}

async function readMigrations(root: string): Promise<string[]> {
  const { unstable_splitSqlQuery: splitSql } = await import('wrangler') // which takes seconds to load
  const folder = join(root, 'migrations')
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .flatMap((name) => splitSql(readFileSync(join(folder, name), 'utf8')))
}
