import { join } from 'node:path'
import type { createTestHarness } from 'wrangler'
import { readWranglerConfig } from '../read-config.ts'
import type { Responded } from '../receiver.ts'
import type { FaultKind } from './faults.ts'
import type { SoakOptions } from './run.ts'
import { parseExactly } from '../../src/event/exact-number.ts'
import { PARAMETERS } from '../../src/event/parameters.ts'
import { readRows } from '../../src/parquet/decode.ts'
import { openFile } from '../../src/parquet/open.ts'
import type { FileKey } from '../../src/db/archive/files.ts'
import { toJson } from '../../src/http/event-json.ts'
import { isOfCampaign } from '../../src/db/columns.ts'
import { COLUMNS } from '../../src/db/events/select-events.ts'
import type { StoredEvent } from '../../src/db/stored-event.ts'
import { NO_SECRETS } from '../no-secrets.ts'
import { readDerived } from '../plain-rebuild.ts'
import { send, type CompleteResponse } from '../../src/simulator/transport.ts'
import { PATIENCE_MS } from '../patience.ts'

const ROOT = join(import.meta.dirname, '../..')
const PAGE = 500
const MORE_THAN_A_DAY_HAS = 1_000_000
const DAY = 86_400_000
// Addresses, phone numbers, push tokens, and credentials, plain and Base64-encoded for Basic.
const LEAK = /@example\.com|38000\d|soak-(?:login|password|token|key)|c29hay1|[A-Za-z0-9+/]{60,}/

/** The key for Yespo's API. */
export const API_KEY = 'soak-key-of-the-api'

const SECRETS = {
  ...NO_SECRETS,
  WEBHOOK_LOGIN: 'soak-login',
  WEBHOOK_PASSWORD: 'password-of-the-soak',
  WEBHOOK_HEADERS: 'X-Key: soak-key',
  READ_TOKEN: 'token-of-the-soak',
  YESPO_API_KEY: API_KEY,
}

/** Keeps events that were counted and then deleted, to compare the totals; late events are not counted yet. */
const OWN_COLUMNS = ['occurredAt', 'id', 'receivedAt', 'origin', 'labels', 'extra', 'campaign']
const ALL_COLUMNS = OWN_COLUMNS.concat(
  PARAMETERS.map(({ name }) => name).filter((name) => !isOfCampaign(name)),
)
const KEEP_DELETED = [
  `CREATE TABLE deleted AS SELECT ${ALL_COLUMNS.join(', ')} FROM activity WHERE false`,
  `CREATE TRIGGER keep_deleted AFTER DELETE ON activity
   WHEN NOT EXISTS (SELECT 1 FROM late_arrivals WHERE occurredAt = OLD.occurredAt AND id = OLD.id)
   BEGIN INSERT INTO deleted VALUES (${ALL_COLUMNS.map((name) => `OLD."${name}"`).join(', ')}); END`,
]

/** An hour in the response of `GET /coverage`. */
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

/** The state of the receiver's queues, and the faults so far. */
export type QueueState = {
  /** Milliseconds from `START`; null if no message is waiting. */
  nextDueAt: number | null
  /** The receiver's time: UTC milliseconds. */
  time: number
  /** Messages that the queues gave up, by queue and why. */
  deleted: Record<string, number>
  counts: Partial<Record<FaultKind, number>>
}

/** The receiver in the Workers runtime, behind bindings that fail. */
export class Server {
  readonly credentials = { login: 'soak-login', password: 'password-of-the-soak' }
  /** Sent with every request; the second is stored with every event, as a label. */
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

  /** @param apiUrl the URL of Yespo's API */
  static async start({ seed, faults: scale, plan }: SoakOptions, apiUrl: string): Promise<Server> {
    process.env['CLOUDFLARE_CF_FETCH_ENABLED'] = 'false'
    const wrangler = await import('wrangler') // takes seconds
    // No rate limits and no cron: the soak decides when the schedule runs.
    const {
      env: _environments,
      queues,
      ratelimits: _limits,
      triggers: _times,
      observability: _traces, // the local runtime stores them, which is slow
      ...config
    } = readWranglerConfig()
    const harness = wrangler.createTestHarness({
      root: ROOT,
      workers: [
        {
          config: {
            ...config,
            main: join(ROOT, 'test/soak/entry.ts'),
            alias: { 'node:timers/promises': join(ROOT, 'test/soak/timers.ts') },
            vars: {
              ...config.vars,
              LABEL_HEADERS: 'X-Shop',
              KEEP_DAYS: '2',
              QUARANTINE_DAYS: '0',
              CLOUDFLARE_PLAN: plan,
              YESPO_API_URL: apiUrl,
              // Each hour of these days takes a call.
              YESPO_API_MINUTES: '1440',
              YESPO_API_DAYS: '1',
            },
            r2_buckets: [{ binding: 'ARCHIVE', bucket_name: 'archive' }],
          },
          // Every secret is set here, because .dev.vars belongs to the local receiver.
          secrets: SECRETS,
        },
      ],
    })
    const { url } = await harness.listen()
    await harness.getWorker<Env>().applyD1Migrations('DB')
    const { DB } = await harness.getWorker<Env>().getEnv()
    for (const sql of KEEP_DELETED) await DB.prepare(sql).run()
    const server = new Server(harness, url.origin)
    const start = { seed, scale, plan, queues }
    await server.#request('/soak/start', Buffer.from(JSON.stringify(start)))
    return server
  }

  get webhookUrl(): string {
    return `${this.#url}/webhooks/yespo`
  }

  /** Sets the time, and turns faults on or off. */
  async control(mode: 'calm' | 'storm', time: number): Promise<QueueState> {
    this.#searchLogs()
    return JSON.parse(await this.#request(`/soak/${mode}`, undefined, time)) as QueueState
  }

  /** Uses up quotas of the account for the day. */
  async spend(quotas: readonly ('rowsWritten' | 'queueOperations')[], time: number): Promise<void> {
    const query = quotas.map((name) => `${name}=${MORE_THAN_A_DAY_HAS}`).join('&')
    await this.#request(`/soak/spend?${query}`, undefined, time)
  }

  /** Deploys a version that throws as it starts. @param until when it is replaced: UTC milliseconds */
  async deployBroken(time: number, until: number): Promise<void> {
    await this.#request(`/soak/break?until=${until}`, undefined, time)
  }

  /** Delivers the due messages. @param until when the next thing happens: UTC milliseconds */
  async deliver(time: number, until: number): Promise<QueueState> {
    this.#searchLogs()
    const path = `/soak/deliver?until=${until}`
    return JSON.parse(await this.#request(path, undefined, time)) as QueueState
  }

  /** Runs the receiver's scheduled tasks, which may wait. @param time UTC milliseconds */
  async runMaintenance(time: number): Promise<QueueState> {
    this.#searchLogs()
    return JSON.parse(await this.#request('/soak/maintenance', undefined, time)) as QueueState
  }

  /** Sends a request that changes stored data; undefined if it has to be repeated. */
  async operate(method: string, path: string, time: number): Promise<string | undefined> {
    this.#searchLogs()
    const { status, body } = await this.#send(method, path, undefined, time)
    // An unknown database error gives 500.
    if (status === 503 || status === 500) return undefined
    if (status !== 200) throw new Error(`${method} ${path} returned ${status} ${body}`)
    return body
  }

  /** Quarantines a text, as an earlier version would have. */
  async quarantine(request: string, sent: string, time: number): Promise<void> {
    const { DB } = await this.#env()
    const labels = JSON.stringify({ 'X-Shop': 'крамниця' })
    const sql = `INSERT INTO quarantine VALUES (?, 0, 0, 'element', 'planted', ?, 'webhook', ?, ?)`
    await DB.prepare(sql).bind(request, time, labels, sent).run()
  }

  /** Counts the receiver's unfinished background work. */
  async countPending(): Promise<Record<string, number>> {
    const { DB } = await this.#env()
    const sql = `
      SELECT (SELECT count(*) FROM erasures WHERE finishedAt IS NULL) AS erasures,
        (SELECT count(*) FROM archive WHERE state <> 'done') AS files,
        (SELECT count(*) FROM late_arrivals) AS late,
        (SELECT count(*) FROM key_values WHERE name GLOB 'erasure.review.*' OR name GLOB 'raw.*') AS reviews,
        (SELECT count(*) FROM sync_runs WHERE state = 'running') AS syncRuns,
        (SELECT count(*) FROM quarantine WHERE reason = 'planted') AS planted`
    return (await DB.prepare(sql).first<Record<string, number>>()) ?? {}
  }

  /** Every archived event, in the form of the read API. */
  async *readArchive(): AsyncGenerator<Responded> {
    for await (const row of this.readArchivedRows()) yield parse(toJson(row)) as Responded
  }

  /** The bucket of the archive. */
  async bucket(): Promise<R2Bucket> {
    return (await this.#env()).ARCHIVE
  }

  /** Every archived event, in the order of the files. */
  async *readArchivedRows(): AsyncGenerator<StoredEvent> {
    const { DB, ARCHIVE } = await this.#env()
    const sql = "SELECT month, file, version FROM archive WHERE events > 0 AND state <> 'merging'"
    const { results } = await DB.prepare(sql).all<FileKey>()
    for (const file of results) {
      const opened = await openFile(ARCHIVE, file)
      if (!opened) throw new Error('an archive file is missing')
      yield* await readRows(opened.content)
    }
  }

  /** Every event of the table, or every one that was counted and is no longer in it. */
  async *readTable(table: 'activity' | 'deleted'): AsyncGenerator<Responded> {
    const { DB } = await this.#env()
    const source = `(SELECT * FROM ${table} ORDER BY occurredAt, id LIMIT ${PAGE} OFFSET ?) AS activity`
    const sql = `SELECT ${COLUMNS} FROM ${source} CROSS JOIN campaigns USING (campaign)`
    for (let first = 0; ; first += PAGE) {
      const { results } = await DB.prepare(sql).bind(first).all<StoredEvent>()
      for (const row of results) yield parse(toJson(row)) as Responded
      if (results.length < PAGE) return
    }
  }

  /** Every stored event, from the read API. @param since UTC milliseconds */
  async *readAll(since?: number): AsyncGenerator<Responded> {
    const from = since === undefined ? '' : `&since=${new Date(since).toISOString()}`
    let cursor = ''
    do {
      const text = await this.#request(`/activity?limit=${PAGE}${from}${cursor}`)
      const { activity, next } = parse(text) as { activity: Responded[]; next: string | null }
      yield* activity
      cursor = next === null ? '' : `&cursor=${next}`
    } while (cursor !== '')
  }

  /** The coverage by hour. @param since UTC milliseconds */
  async readCoverage(since: number, until: number): Promise<CoveredHour[]> {
    const [from, to] = [since, until].map((time) => new Date(time).toISOString())
    const text = await this.#request(`/coverage?by=hour&since=${from}&until=${to}`)
    return (JSON.parse(text) as { coverage: CoveredHour[] }).coverage
  }

  /** The start of the first day that is not archived: UTC milliseconds. */
  async findFirstUnarchived(): Promise<number> {
    const { DB } = await this.#env()
    const sql = 'SELECT max(day) AS day FROM archive_days'
    const day = await DB.prepare(sql).first<number>('day')
    return day === null ? 0 : day + DAY
  }

  /** Every quarantined item, its parts joined. */
  async readQuarantine(): Promise<{ sent: string; kind: string }[]> {
    const { DB } = await this.#env()
    const sql = `
      SELECT group_concat(sent, '') AS sent, min(kind) AS kind
      FROM (SELECT * FROM quarantine ORDER BY request, elementIndex, part)
      GROUP BY request, elementIndex`
    return (await DB.prepare(sql).all<{ sent: string; kind: string }>()).results
  }

  /** Reads the derived tables. */
  async readDerived(): ReturnType<typeof readDerived> {
    return readDerived((await this.#env()).DB)
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

  async #request(path: string, content?: Buffer, time?: number): Promise<string> {
    const { status, body } = await this.#send(content ? 'POST' : 'GET', path, content, time)
    if (status !== 200) throw new Error(`${path} returned ${status} ${body}`)
    return body
  }

  #send(method: string, path: string, content?: Buffer, time = 0): Promise<CompleteResponse> {
    const headers = { Authorization: 'Bearer token-of-the-soak', 'Soak-Time': String(time) }
    const url = `${this.#url}${path}`
    return send({ method, url, headers, ...(content && { body: content }) }, PATIENCE_MS)
  }
}

/** Parses JSON without losing digits of large numbers. */
function parse(text: string): unknown {
  return parseExactly(text)
}
