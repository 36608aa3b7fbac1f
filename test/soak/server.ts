import { join } from 'node:path'
import { createTestHarness, experimental_readRawConfig as readRawConfig } from 'wrangler'
import type { Responded } from '../receiver.ts'
import type { FaultKind } from './faults.ts'
import { parseExactly } from '../../src/event/exact-number.ts'
import { PARAMETERS } from '../../src/event/parameters.ts'
import { readRows } from '../../src/archive/decode.ts'
import { openFile } from '../../src/archive/files.ts'
import { toJson } from '../../src/http/event-json.ts'
import { isOfCampaign } from '../../src/db/columns.ts'
import { COLUMNS } from '../../src/db/events/select-events.ts'
import type { StoredEvent } from '../../src/db/stored-event.ts'
import { NO_SECRETS } from '../no-secrets.ts'
import { readKept } from '../plain-rebuild.ts'
import { send, type CompleteResponse } from '../../src/simulator/transport.ts'

const ROOT = join(import.meta.dirname, '../..')
const PAGE = 500
const DAY = 86_400_000
// Addresses, phone numbers, push tokens, and credentials as they are and as Basic carries them.
const LEAK = /@example\.com|38000\d|soak-(?:login|password|token|key)|c29hay1|[A-Za-z0-9+/]{60,}/

/** Of Yespo's API. */
export const API_KEY = 'soak-key-of-the-api'

const SECRETS = {
  ...NO_SECRETS,
  WEBHOOK_LOGIN: 'soak-login',
  WEBHOOK_PASSWORD: 'password-of-the-soak',
  WEBHOOK_HEADERS: 'X-Key: soak-key',
  READ_TOKEN: 'token-of-the-soak',
  YESPO_API_KEY: API_KEY,
}

/** What was counted and then deleted, for comparing the totals; a late event is not counted yet. */
const OWN = ['occurredAt', 'id', 'receivedAt', 'origin', 'labels', 'extra', 'campaign']
const ALL_COLUMNS = OWN.concat(
  PARAMETERS.map(({ name }) => name).filter((name) => !isOfCampaign(name)),
)
const KEEP_WHAT_IS_DELETED = [
  `CREATE TABLE deleted AS SELECT ${ALL_COLUMNS.join(', ')} FROM activity WHERE false`,
  `CREATE TRIGGER keep_deleted AFTER DELETE ON activity
   WHEN NOT EXISTS (SELECT 1 FROM late_arrivals WHERE occurredAt = OLD.occurredAt AND id = OLD.id)
   BEGIN INSERT INTO deleted VALUES (${ALL_COLUMNS.map((name) => `OLD."${name}"`).join(', ')}); END`,
]

/** An hour as `GET /coverage` tells of it. */
export type CoveredHour = {
  start: number
  kinds: {
    activityStatus: string
    mediaType: string | null
    both: number
    webhookOnly: number
    apiOnly: number
  }[]
}

/** What the receiver's queues hold, and what went wrong so far. */
export type QueueState = {
  /** UTC milliseconds; null where nothing waits. */
  nextDueAt: number | null
  /** What the receiver's clock shows: UTC milliseconds. */
  time: number
  /** Writes that go on after the receiver gave them up. */
  lateWrites: number
  counts: Partial<Record<FaultKind, number>>
}

/** The receiver in the Workers runtime, behind bindings that fail. */
export class Server {
  readonly credentials = { login: 'soak-login', password: 'password-of-the-soak' }
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

  /** @param apiUrl where Yespo's API is */
  static async start(seed: number, scale: number, apiUrl: string): Promise<Server> {
    process.env['CLOUDFLARE_CF_FETCH_ENABLED'] = 'false'
    const { rawConfig } = readRawConfig({ config: join(ROOT, 'wrangler.toml') })
    // It reads as fast as it can, and the schedule runs when it says so.
    const {
      env: _environments,
      queues,
      ratelimits: _limits,
      triggers: _times,
      observability: _traces, // kept by the local runtime at a cost
      ...config
    } = rawConfig
    const harness = createTestHarness({
      root: ROOT,
      workers: [
        {
          config: {
            ...config,
            main: join(ROOT, 'test/soak/entry.ts'),
            vars: {
              ...config.vars,
              LABEL_HEADERS: 'X-Shop',
              KEEP_DAYS: '1',
              QUARANTINE_DAYS: '0',
              CLOUDFLARE_PLAN: 'paid',
              YESPO_API_URL: apiUrl,
              // Each hour of all these days is a call.
              YESPO_API_MINUTES: '1440',
              YESPO_API_DAYS: '1',
            },
            r2_buckets: [{ binding: 'ARCHIVE', bucket_name: 'archive' }],
          },
          // All of them: what .dev.vars holds is the local receiver's.
          secrets: SECRETS,
        },
      ],
    })
    const { url } = await harness.listen()
    await harness.getWorker<Env>().applyD1Migrations('DB')
    const { DB } = await harness.getWorker<Env>().getEnv()
    for (const sql of KEEP_WHAT_IS_DELETED) await DB.prepare(sql).run()
    const server = new Server(harness, url.origin)
    const consumers = Buffer.from(JSON.stringify(queues?.consumers))
    await server.#ask(`/soak/begin?seed=${seed}&scale=${scale}`, consumers)
    return server
  }

  get webhookUrl(): string {
    return `${this.#url}/webhooks/yespo`
  }

  /** Tells the time, and has something done. */
  async control(what: 'calm' | 'storm', time: number): Promise<QueueState> {
    this.#searchLogs()
    return JSON.parse(await this.#ask(`/soak/${what}`, undefined, time)) as QueueState
  }

  /** Has the queue deliver what is due. @param until when something else happens: UTC milliseconds */
  async deliver(time: number, until: number): Promise<QueueState> {
    this.#searchLogs()
    const path = `/soak/deliver?until=${until}`
    return JSON.parse(await this.#ask(path, undefined, time)) as QueueState
  }

  /** Has the receiver do what it does every few minutes. @param time UTC milliseconds */
  async runMaintenance(time: number): Promise<void> {
    this.#searchLogs()
    await this.#ask('/soak/look-after', undefined, time)
  }

  /** Asks for something that changes what is stored; undefined where it is to be asked for again. */
  async operate(method: string, path: string, time: number): Promise<string | undefined> {
    this.#searchLogs()
    const { status, body } = await this.#send(method, path, undefined, time)
    // With an error of the database that nobody has seen before, it is 500.
    if (status === 503 || status === 500) return undefined
    if (status !== 200) throw new Error(`${method} ${path} answered ${status} ${body}`)
    return body
  }

  /** Puts a text into the quarantine, as an earlier version would have. */
  async quarantined(request: string, sent: string, time: number): Promise<void> {
    const { DB } = await this.#env()
    const labels = JSON.stringify({ 'X-Shop': 'крамниця' })
    const sql = `INSERT INTO quarantine VALUES (?, 0, 0, 'element', 'planted', ?, 'webhook', ?, ?)`
    await DB.prepare(sql).bind(request, time, labels, sent).run()
  }

  /** How much the receiver still has to do by itself. */
  async countUnderWay(): Promise<Record<string, number>> {
    const { DB } = await this.#env()
    const sql = `
      SELECT (SELECT count(*) FROM erasures WHERE finishedAt IS NULL) AS erasures,
        (SELECT count(*) FROM archive WHERE state <> 'done') AS files,
        (SELECT count(*) FROM late_arrivals) AS late,
        (SELECT count(*) FROM key_values WHERE name GLOB 'erasure.review.*' OR name GLOB 'raw.*') AS looks,
        (SELECT count(*) FROM sync_runs WHERE state = 'running') AS pulls,
        (SELECT count(*) FROM quarantine WHERE reason = 'planted') AS planted`
    return (await DB.prepare(sql).first<Record<string, number>>()) ?? {}
  }

  /** Everything that has moved to the archive, as the read API would have it. */
  async *readArchive(): AsyncGenerator<Responded> {
    const { DB, ARCHIVE } = await this.#env()
    const sql = 'SELECT day, file FROM archive WHERE events > 0'
    const { results } = await DB.prepare(sql).all<{ day: number; file: number }>()
    for (const place of results) {
      const opened = await openFile(ARCHIVE, place)
      if (!opened) throw new Error('a file of the archive is missing')
      for (const row of await readRows(opened.content)) yield parse(toJson(row)) as Responded
    }
  }

  /** Everything that was counted once and is not in the table any more. */
  async *readDeleted(): AsyncGenerator<Responded> {
    const { DB } = await this.#env()
    const sql = `SELECT ${COLUMNS} FROM deleted CROSS JOIN campaigns USING (campaign)
      WHERE deleted.rowid > ? ORDER BY deleted.rowid LIMIT ${PAGE}`
    for (let last = 0; ; last += PAGE) {
      const { results } = await DB.prepare(sql).bind(last).all<StoredEvent>()
      for (const row of results) yield parse(toJson(row)) as Responded
      if (results.length < PAGE) return
    }
  }

  /** Everything that is stored, by the read API. @param since from when on: UTC milliseconds */
  async *readAll(since?: number): AsyncGenerator<Responded> {
    const from = since === undefined ? '' : `&since=${new Date(since).toISOString()}`
    let cursor = ''
    do {
      const text = await this.#ask(`/activity?limit=${PAGE}${from}${cursor}`)
      const { activity, next } = parse(text) as { activity: Responded[]; next: string | null }
      yield* activity
      cursor = next === null ? '' : `&cursor=${next}`
    } while (cursor !== '')
  }

  /** Who saw what, by the hour. @param since from when on: UTC milliseconds */
  async readCoverage(since: number, until: number): Promise<CoveredHour[]> {
    const [from, to] = [since, until].map((time) => new Date(time).toISOString())
    const text = await this.#ask(`/coverage?by=hour&since=${from}&until=${to}`)
    return (JSON.parse(text) as { coverage: CoveredHour[] }).coverage
  }

  /** From when on nothing has moved to the archive: UTC milliseconds. */
  async findFirstKept(): Promise<number> {
    const { DB } = await this.#env()
    const sql = 'SELECT max(day) AS day FROM archive'
    const day = await DB.prepare(sql).first<number>('day')
    return day === null ? 0 : day + DAY
  }

  /** Everything that was set aside, its parts put together. */
  async readSetAside(): Promise<{ sent: string; kind: string }[]> {
    const { DB } = await this.#env()
    const sql = `
      SELECT group_concat(sent, '') AS sent, min(kind) AS kind
      FROM (SELECT * FROM quarantine ORDER BY request, elementIndex, part)
      GROUP BY request, elementIndex`
    return (await DB.prepare(sql).all<{ sent: string; kind: string }>()).results
  }

  /** What it keeps beside the events. */
  async readKept(): ReturnType<typeof readKept> {
    return readKept((await this.#env()).DB)
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

  #env(): Promise<Env & { ARCHIVE: R2Bucket }> {
    return this.#harness.getWorker<Env & { ARCHIVE: R2Bucket }>().getEnv()
  }

  async #ask(path: string, content?: Buffer, time?: number): Promise<string> {
    const { status, body } = await this.#send(content ? 'POST' : 'GET', path, content, time)
    if (status !== 200) throw new Error(`${path} answered ${status} ${body}`)
    return body
  }

  #send(method: string, path: string, content?: Buffer, time = 0): Promise<CompleteResponse> {
    const headers = { Authorization: 'Bearer token-of-the-soak', 'Soak-Time': String(time) }
    return send({ method, url: `${this.#url}${path}`, headers, ...(content && { body: content }) })
  }
}

/** To the digit. */
function parse(text: string): unknown {
  return parseExactly(text)
}
