import { createHash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { monthOf } from '../../../src/db/archive/files.ts'
import { ActivityApi } from '../../../src/simulator/activity-api.ts'
import { Random } from '../../../src/simulator/random.ts'
import type { Element } from '../../../src/simulator/traffic.ts'
import type { Responded } from '../../receiver.ts'
import { NO_SECRETS } from '../../no-secrets.ts'
import type { Config } from '../../receiver-config.ts'
import { currentInvocation, type Plan } from '../../strict/index.ts'
import { AlertInbox } from './alert-inbox.ts'
import { localize, makeHappenings, timeOf, toMoment, type Happened } from './events.ts'
import { Ledger, Violation, type Happening } from './ledger.ts'
import { listTable, readEvent, readFile, watch, type Change } from './observe.ts'
import { Shelf } from './people/shelf.ts'
import { Recount } from './recount.ts'
import { Scheduler, toText } from './scheduler.ts'
import { follow } from './virtual-globals.ts'
import { CALM } from './weather.ts'
import { World, type Reply } from './world.ts'
import { Webhook } from './yespo.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const LONG_DAYS = 30
/** From a change of the zone on, so long nothing is stored that only the API has; a sync sees it late. */
const ZONE_MARGIN = 3 * DAY
/** A gap is filled by then, also if the database or the API is down for days. */
const LONGEST_GAP = 14 * DAY
const ORIGIN = 'https://receiver.example.com'
const DATA = 'activity/data/'
const QUOTAS = ['rowsRead', 'rowsWritten', 'queueOperations'] as const
/** Share of the posts of alerts that do not get there. */
const LOST_ALERTS = 0.1
/** The only queue without events. */
const TASKS = 'yespo-tasks'
// Addresses, phone numbers, push tokens and credentials, plain and Base64-encoded for Basic.
const LEAK =
  /made-up|@example\.(?:com|net|org)|38076\d|380001\d|soak-(?:login|password|token|key)|c29hay1|[A-Za-z0-9+/]{60,}/

export const SECRETS = {
  ...NO_SECRETS,
  WEBHOOK_LOGIN: 'soak-login',
  WEBHOOK_PASSWORD: 'soak-password-of-the-year',
  WEBHOOK_HEADERS: 'X-Key: soak-key-of-the-header',
  READ_TOKEN: 'soak-token-to-read',
  OPERATE_TOKEN: 'soak-token-to-operate',
  ALERT_URL: 'https://alerts.example.com/soak-key-of-alerts',
  YESPO_API_KEY: 'soak-key-of-the-api',
}

export const ZONE = 'Europe/Kyiv'
export const WRONG_ZONE = 'UTC'

export type SimulationOptions = {
  bundle: string
  config: Config
  plan: Plan
  seed: number
  start: number
  days: number
  eventsPerDay: number
  oddPerDay: number
  keepDays: number
  /** Requests of people and programs; by default, enough to find something and not too many. */
  readingsPerDay?: number
  onTrace?: (line: string) => void
}

/** A receiver with everything around it, and what has to hold at any moment. */
export class Simulation {
  readonly options: SimulationOptions
  readonly scheduler: Scheduler
  readonly world: World
  readonly ledger: Ledger
  readonly shelf: Shelf
  readonly recount = new Recount()
  readonly inbox = new AlertInbox((invocation) => this.world.isExcused(invocation))
  readonly api: ActivityApi
  readonly webhooks: Webhook[] = []
  readonly counts = {
    bodies: 0,
    runsOfSchedule: 0,
    responses: 0,
    errors: 0,
    idleChecks: 0,
    recounts: 0,
    alertChecks: 0,
    rowsCompared: 0,
    rowsDeleted: 0,
    filesCompared: 0,
    logLines: 0,
  }
  settings: Record<string, string>
  /** Until when the webhook may refuse: UTC milliseconds. */
  refusesUntil = 0
  /** When the setting of the zone was wrong: UTC milliseconds. */
  readonly wrongZoneSpans: { since: number; until: number }[] = []
  readonly #untilEvents: ((happenings: readonly Happening[]) => void)[] = []
  readonly #changes: Change[] = []
  readonly #violations: unknown[] = []
  #lastTrouble = -Infinity

  constructor(options: SimulationOptions) {
    const { seed, start, plan, onTrace } = options
    this.options = options
    this.scheduler = new Scheduler(seed, start, onTrace)
    follow(this.scheduler)
    captureLogs((line) => this.#searchLog(line))
    this.world = new World(this.scheduler, options)
    this.ledger = new Ledger((local) => [ZONE, WRONG_ZONE].map((zone) => toMoment(local, zone)))
    this.shelf = new Shelf(this.ledger, this.scheduler.now)
    this.api = new ActivityApi({
      apiKey: SECRETS.YESPO_API_KEY,
      timeZone: ZONE,
      random: new Random(seed + 5),
    })
    this.settings = {
      ...SECRETS,
      CLOUDFLARE_PLAN: plan,
      YESPO_TIME_ZONE: ZONE,
      YESPO_API_URL: 'https://yespo.example.com/api',
      KEEP_DAYS: String(options.keepDays),
      LABEL_HEADERS: 'X-Shop',
    }
    watch(this.world.database, (change) => this.#changes.push(change))
    this.world.afterEffect = () => this.#takeChanges()
    this.world.afterRollback = () => void this.#changes.splice(0)
    this.world.afterDelivery = () => this.#checkIdle()
    this.world.onFile = (kind, key) => this.#takeFile(kind, key)
    this.world.connect((request) => this.#respondOutside(request))
    this.scheduler.afterStep = () => {
      const [violation] = this.#violations
      if (violation) throw violation
    }
  }

  get now(): number {
    return this.scheduler.now()
  }

  /** Stops everything, as something is wrong. */
  fail = (error: unknown): void => {
    this.#violations.push(error)
  }

  /** Deploys the receiver with some settings changed. */
  async deploy(changes: Readonly<Record<string, string>> = {}): Promise<void> {
    Object.assign(this.settings, changes)
    this.ledger.zone = this.settings['YESPO_TIME_ZONE'] ?? ''
    await this.world.deploy(this.settings)
  }

  addWebhook(name: string, pieces: number, statuses: readonly string[] = []): Webhook {
    const form = {
      name,
      login: SECRETS.WEBHOOK_LOGIN,
      password: SECRETS.WEBHOOK_PASSWORD,
      headers: { 'X-Key': 'soak-key-of-the-header', 'X-Shop': encodeLabel(name) },
      statuses,
      pieces,
    }
    const webhook = new Webhook(this.world, this.ledger, form, {
      mayRefuse: (reply) => this.#mayRefuse(reply),
      accepts: (password) => this.#accepts(password),
    })
    webhook.fail = this.fail
    this.webhooks.push(webhook)
    return webhook
  }

  /** Has everything happen that happens by itself: events, the schedule, the checks of a day. */
  start(): void {
    const { start, days } = this.options
    this.#plan(makeHappenings(this.options))
    let before = 0
    const tick = () => {
      this.counts.runsOfSchedule++
      const { invocations } = this.world.concurrency
      const isIdle = this.isLong && invocations <= before && !this.isTroubled()
      before = invocations + 1 // with this run
      void this.world.runSchedule().catch(this.fail)
      this.scheduler.at(this.now + (isIdle ? 3 * HOUR : 15 * MINUTE), 'schedule', tick)
    }
    this.scheduler.at(Math.ceil(start / (15 * MINUTE)) * 15 * MINUTE, 'schedule', tick)
    for (let day = 1; day <= days; day++) {
      this.scheduler.at(start + day * DAY - 3 * HOUR, 'check of a day', () => this.#checkDay(day))
    }
  }

  /** Sends a request of a person or a program. @throws Violation for 5xx, if everything works */
  async request(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body?: string,
  ): Promise<Reply> {
    const init = {
      method,
      headers,
      redirect: 'manual' as const,
      ...(body !== undefined && { body }),
    }
    const reply = await this.world.send(new Request(`${ORIGIN}${path}`, init))
    this.counts.responses++
    if (reply.status !== undefined && reply.status >= 500) {
      this.counts.errors++
      if (!reply.isExcused && !this.isTroubled()) {
        throw new Violation(
          `${method} ${path} got ${reply.status} at ${toText(this.now)}: ${reply.body.slice(0, 300)}`,
        )
      }
    }
    return reply
  }

  /** Whether something the receiver depends on has failed lately, or does. */
  isTroubled(): boolean {
    const { down, runtime } = this.world
    const isSpent = QUOTAS.some((quota) => runtime.account.isSpent(quota))
    if (down.size > 0 || isSpent) this.#lastTrouble = this.now
    return this.now - this.#lastTrouble < 2 * MINUTE
  }

  /** Lets everything end that is under way, without faults, and checks everything once more. */
  async settle(): Promise<void> {
    const { world, scheduler } = this
    world.weather = CALM
    world.down.clear()
    for (const webhook of this.webhooks) webhook.reactivate()
    const end = this.now + 30 * DAY
    do {
      if (this.now > end)
        throw new Violation(`it never comes to rest: ${JSON.stringify(this.#pendingWork())}`)
      await scheduler.runUntil(this.now + HOUR)
    } while (Object.values(this.#pendingWork()).some((count) => count > 0))
    await scheduler.runUntil(this.now + HOUR)
    this.#checkIdle()
    this.scheduler.afterStep()
    this.ledger.checkErased()
    this.#checkGaps(this.now)
    this.ledger.checkTable(await listTable(world.bucket))
    this.#searchErased()
    await this.#recountAll()
    this.#checkAlerts()
  }

  /** A digest of everything stored, in whatever order it came. */
  async digest(): Promise<{ trace: string; state: string }> {
    const hash = createHash('sha256')
    const { database, bucket, broker } = this.world
    for (const text of dump(database)) hash.update(text)
    const { objects } = await bucket.list()
    for (const { key, etag } of objects) hash.update(`${key} ${etag}\n`)
    for (const { id, queue, attempts } of broker.waiting)
      hash.update(`${queue} ${id} ${attempts}\n`)
    return { trace: this.scheduler.digest(), state: hash.digest('hex').slice(0, 16) }
  }

  #plan(happenings: Iterator<Happened>): void {
    const next = happenings.next()
    if (next.done) return
    const { at, elements } = next.value
    this.scheduler.at(at, 'events', () => {
      this.#happen(elements)
      this.#plan(happenings)
    })
  }

  #happen(elements: readonly Element[]): void {
    this.counts.bodies++
    this.api.now = this.now
    this.api.record(elements)
    const happened = elements.map((element): Happening | Element => {
      const local = localize(element, ZONE)
      return element.isPoison ? element : this.ledger.happen(local, timeOf(element) ?? this.now)
    })
    for (const each of happened) {
      if ('entry' in each && !this.#isReported(each.element)) this.ledger.expectFromApi(each)
    }
    for (const webhook of this.webhooks) {
      if (!webhook.isActive) continue
      const reported = happened.filter((each) =>
        webhook.reports('entry' in each ? each.element : each),
      )
      if (reported.length > 0) webhook.push(reported)
    }
    const waiting = this.#untilEvents.splice(0)
    for (const act of waiting) act(happened.filter((each) => 'entry' in each))
  }

  #isReported(element: Element): boolean {
    return this.webhooks.some((webhook) => webhook.isActive && webhook.reports(element))
  }

  /** What Yespo reports next, at the moment that it does. */
  nextEvents(): Promise<readonly Happening[]> {
    return new Promise((resolve) => this.#untilEvents.push(resolve))
  }

  #mayRefuse({ status, isExcused }: Reply): boolean {
    if (isExcused || this.isTroubled()) return true
    return status === 401 && this.now < this.refusesUntil
  }

  #accepts(password: string): boolean {
    const { WEBHOOK_PASSWORD, WEBHOOK_PASSWORD_PREVIOUS } = this.settings
    return password === WEBHOOK_PASSWORD || password === WEBHOOK_PASSWORD_PREVIOUS
  }

  async #respondOutside(request: Request): Promise<Response> {
    const { hostname } = new URL(request.url)
    const { world, scheduler } = this
    const service = hostname.startsWith('alerts') ? 'alerts' : 'api'
    if (world.down.has(service)) throw new TypeError('fetch failed')
    if (service === 'alerts') {
      const body = await request.text()
      const invocation = currentInvocation()
      if (!invocation || invocation.isKilled) return new Response('')
      if (world.weather !== CALM && scheduler.random() < LOST_ALERTS) {
        world.blame(invocation, 'an alert was lost')
        throw new TypeError('fetch failed')
      }
      try {
        this.inbox.receive(body, this.now, invocation)
      } catch (error) {
        this.fail(error)
      }
      if (scheduler.random() < world.weather.failsAfter) {
        world.blame(invocation, 'the response to an alert was lost')
        throw new TypeError('fetch failed')
      }
      return new Response('ok')
    }
    this.api.now = this.now
    const { method, url, headers } = request
    const response = await this.api.respond({ method, url, headers: Object.fromEntries(headers) })
    return new Response(response.body, { status: response.status, headers: response.headers })
  }

  async #takeChanges(): Promise<void> {
    if (this.#changes.length === 0) return
    const changes = this.#changes.splice(0)
    try {
      for (const change of changes) await this.#takeChange(change)
      await this.#checkMoved(changes)
    } catch (error) {
      this.fail(error)
    }
  }

  async #checkMoved(changes: readonly Change[]): Promise<void> {
    const moved = changes.flatMap(({ kind, table, key }) =>
      kind === 'delete' && table === 'activity' ? key : [],
    )
    if (moved.length === 0) return
    const months = new Set(moved.map((id) => monthOf(Number(id.split('.')[0]))))
    this.ledger.checkMoved(moved, await listTable(this.world.bucket, months))
  }

  async #takeChange({ kind, table, key }: Change): Promise<void> {
    const { db } = this.world
    if (table === 'late_arrivals') {
      if (kind !== 'delete') return
      const counted = await readEvent(db, key)
      if (counted) this.#count(key, counted)
      return
    }
    if (table !== 'activity') return
    if (kind === 'delete') {
      this.counts.rowsDeleted++
      this.ledger.remove(key)
      return
    }
    this.counts.rowsCompared++
    const responded = await readEvent(db, key)
    if (!responded) throw new Violation(`${key} was stored and deleted at once`)
    if (kind === 'update') {
      this.ledger.update(key, responded)
      return
    }
    this.ledger.insert(key, responded)
    if (!this.#isLate(key)) this.#count(key, responded)
  }

  #count(id: string, responded: Responded): void {
    this.recount.add(responded)
    this.shelf.count(id)
  }

  #isLate(id: string): boolean {
    const [occurredAt, digest] = id.split('.')
    const sql = 'SELECT 1 FROM late_arrivals WHERE occurredAt = ? AND id = unhex(?)'
    return this.world.database.prepare(sql).get(Number(occurredAt), digest ?? '') !== undefined
  }

  async #takeFile(kind: 'put' | 'delete', key: string): Promise<void> {
    if (!key.startsWith(DATA)) return
    try {
      this.counts.filesCompared++
      if (kind === 'delete') {
        this.ledger.deleteFile(key)
        const month = Date.parse(/month=(\d{4}-\d\d)/.exec(key)?.[1] ?? '')
        const table = await listTable(this.world.bucket, new Set([month]))
        if (table.includes(key)) throw new Violation(`${key} was deleted, and the table has it`)
      } else this.ledger.putFile(key, await readFile(this.world.bucket, key))
    } catch (error) {
      this.fail(error)
    }
  }

  /** When nothing is on its way, everything accepted is there. */
  #checkIdle(): void {
    const { broker } = this.world
    if (broker.waiting.some(({ queue }) => queue !== TASKS)) return
    if (this.ledger.isComplete) {
      this.counts.idleChecks++
      return
    }
    const { raw, bodies } = this.#pendingWork()
    if (raw || bodies) return
    this.counts.idleChecks++
    try {
      this.#findQuarantined()
      this.ledger.checkComplete()
    } catch (error) {
      this.fail(error)
    }
  }

  #findQuarantined(): void {
    const sql = `
      SELECT group_concat(sent, '') AS sent, min(kind) AS kind
      FROM (SELECT * FROM quarantine ORDER BY request, elementIndex, part)
      GROUP BY request, elementIndex`
    for (const { kind, sent } of this.world.database.prepare(sql).all()) {
      this.ledger.findItem(String(kind), String(sent))
    }
  }

  #pendingWork(): Record<string, number> {
    const sql = `
      SELECT (SELECT count(*) FROM erasures WHERE finishedAt IS NULL) AS erasures,
        (SELECT count(*) FROM archive WHERE state <> 'done') AS files,
        (SELECT count(*) FROM late_arrivals) AS late,
        (SELECT count(*) FROM key_values WHERE name GLOB 'raw.*') AS raw,
        (SELECT count(*) FROM large_bodies WHERE finishedAt IS NULL) AS bodies,
        (SELECT count(*) FROM key_values WHERE name GLOB 'erasure.review.*') AS reviews,
        (SELECT count(*) FROM sync_runs WHERE state = 'running') AS syncs,
        (SELECT count(*) FROM activity WHERE occurredAt < ?) AS old`
    const oldest = Math.floor(this.now / DAY - this.options.keepDays - 1) * DAY
    const counts = this.world.database.prepare(sql).get(oldest) as Record<string, number>
    const unsent = this.webhooks.reduce((sum, { length }) => sum + length, 0)
    const waiting = this.world.broker.waiting.length
    return { ...counts, unsent, waiting }
  }

  #checkDay(day: number): void {
    const { erasures, syncs } = this.#pendingWork()
    const isDue = (days: number) => !this.isLong || day % days === 0
    try {
      if (!syncs && isDue(7)) this.#checkCoverage()
      if (isDue(7)) this.#checkGaps(this.now - LONGEST_GAP)
      if (!erasures) this.ledger.checkErased()
      if (this.#isQuiet()) this.#checkAlerts()
    } catch (error) {
      this.fail(error)
    }
    if (isDue(28)) void this.#recountAll().catch(this.fail)
  }

  /** Whether there is no time for everything on each of its days. */
  get isLong(): boolean {
    return this.options.days > LONG_DAYS
  }

  /** Whether nothing has failed for so long that everyone knows of everything. */
  #isQuiet(): boolean {
    return (
      !this.isTroubled() &&
      this.now - Math.max(this.world.lastFaultAt, this.#lastTrouble) > 2 * HOUR
    )
  }

  async #recountAll(): Promise<void> {
    this.counts.recounts++
    await this.recount.check(this.world.db, (contactId) => this.ledger.erasures.has(contactId))
  }

  /** Searches the whole database for the address of anyone who was erased and of whom nothing has come since. */
  #searchErased(): void {
    const everything = [...dump(this.world.database)].join('').toLowerCase()
    for (const { email } of this.ledger.listGone()) {
      if (everything.includes(email.toLowerCase())) {
        throw new Violation('the address of an erased contact is still in the database')
      }
    }
  }

  /** Checks that gaps of the webhook were filled from the API. @param until when events happened: UTC milliseconds */
  #checkGaps(until: number): void {
    this.ledger.checkGaps(
      (at) =>
        at >= until ||
        this.wrongZoneSpans.some(
          (span) => at > span.since - ZONE_MARGIN && at < span.until + ZONE_MARGIN,
        ),
    )
  }

  /** Checks that each event that only Yespo's API had was compared with it, as far as it is in the database. */
  #checkCoverage(): void {
    const sql = `
      SELECT count(*) AS count FROM activity
      WHERE origin = 'api' AND NOT EXISTS (
        SELECT 1 FROM archive_days WHERE day = activity.occurredAt - activity.occurredAt % ${DAY}
      ) AND NOT EXISTS (
        SELECT 1 FROM coverage
        WHERE since <= activity.occurredAt AND until > activity.occurredAt AND both + apiOnly > 0
      )`
    const { count } = this.world.database.prepare(sql).get() as { count: number }
    if (count > 0) throw new Violation(`the coverage lacks ${count} events of Yespo's API`)
  }

  #checkAlerts(): void {
    this.counts.alertChecks++
    const rows = this.world.database.prepare('SELECT name FROM alerts').all()
    this.inbox.check(new Set(rows.map(({ name }) => String(name))))
  }

  #searchLog(line: string): void {
    this.counts.logLines++
    if (LEAK.test(line))
      this.fail(new Violation(`the log has personal data: ${line.slice(0, 200)}`))
  }
}

let searchLog: (line: string) => void = () => {}
let capturesLogs = false

/** Has the log go to the latest simulation. */
function captureLogs(search: (line: string) => void): void {
  searchLog = search
  if (capturesLogs) return
  capturesLogs = true
  const capture = (...values: unknown[]) => searchLog(values.map(String).join(' '))
  Object.assign(console, { info: capture, warn: capture, error: capture })
}

function encodeLabel(name: string): string {
  return Buffer.from(name).toString('latin1')
}

/** Each table as a text: its rows in their order as texts. */
function* dump(database: DatabaseSync): Generator<string> {
  const sql = `
    SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`
  for (const { name } of database.prepare(sql).all()) {
    const statement = database.prepare(`SELECT * FROM "${String(name)}"`)
    statement.setReturnArrays(true)
    statement.setReadBigInts(true)
    const rows = statement.all().map((row) => JSON.stringify(row, toPlain))
    yield `${String(name)}\n${rows.sort().join('\n')}\n`
  }
}

function toPlain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value
}
