import { ActivityLog, compareKept } from './activity-log.ts'
import { drawDelay, frayEdges, misplace, NO_ODDITIES, type Oddities } from './activity-oddities.ts'
import { passes, readQuery, type Query } from './activity-query.ts'
import { toRow, type Row } from './activity-row.ts'
import { serve, type Listening } from './activity-server.ts'
import { hasPassword } from './basic.ts'
import type { Random } from './random.ts'
import type { Element } from './traffic.ts'

/** A request to the API; names of headers in any case. */
export type ApiRequest = { method: string; url: string; headers: Readonly<Record<string, string>> }

/** What it answers. */
export type ApiAnswer = {
  status: number
  headers: Record<string, string>
  body: string
  /** Whether the connection breaks behind the body, which is not the whole of it then. */
  breaksOff: boolean
}

/** What an account's API is set up with. */
export type ActivityApiOptions = {
  apiKey: string
  /** Of the times in queries and rows, an IANA name; UTC where it is not given. */
  timeZone?: string
  random: Random
  /** None where they are not given. */
  oddities?: Partial<Oddities>
}

const PATH = /\/v2\/contacts\/activity$/
const SHORTEST_PAUSE_MS = 1_000
const PLAIN = { 'Content-Type': 'text/plain;charset=UTF-8' }
const HTML = { 'Content-Type': 'text/html' }
const UNAUTHORIZED = '<html><body><h1>HTTP Status 401 – Unauthorized</h1></body></html>'
const BAD_GATEWAY = '<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>'

/**
 * Yespo's API method "Get contacts activity" over everything that happened in an account, whether or
 * not a webhook was told. A window is compared with what the API's clock on the wall showed, so of the
 * hour that it shows twice in autumn both are answered. Time is the caller's to move.
 */
export class ActivityApi {
  /** UTC milliseconds of the account. */
  now = 0
  /** Whether a broadcast goes out, so that calls can hang. */
  isBroadcasting = false
  readonly oddities: Oddities
  readonly #apiKey: string
  readonly #log: ActivityLog
  readonly #random: Random
  #isEnabled = false
  #lastCallAt = -Infinity

  constructor({ apiKey, timeZone = 'UTC', random, oddities }: ActivityApiOptions) {
    this.oddities = { ...NO_ODDITIES, ...oddities }
    this.#apiKey = apiKey
    this.#log = new ActivityLog(timeZone)
    this.#random = random.fork()
  }

  /** What Yespo's support does when it is asked to; matters only where that oddity is on. */
  enable(): void {
    this.#isEnabled = true
  }

  /** Keeps the events among elements, whose times are UTC; poison happens to nobody. */
  record(elements: readonly Element[]): void {
    for (const element of elements) {
      if (element.isPoison) continue
      const isLate = this.#random.chance(this.oddities.showsLate)
      this.#log.add(element, isLate ? this.now + drawDelay(this.#random) : -Infinity)
    }
  }

  /** Answers a request, or never does while a broadcast goes out. */
  async answer({ method, url, headers }: ApiRequest): Promise<ApiAnswer> {
    const { pathname, searchParams } = new URL(url)
    if (!PATH.test(pathname)) return say(404, 'Not Found')
    if (method !== 'GET') return say(405, 'Method Not Allowed', { Allow: 'GET' })
    const refusal = this.#refuse(headers)
    if (refusal) return refusal
    const query = readQuery(searchParams)
    if (typeof query === 'string') return say(400, query)
    if (this.isBroadcasting && this.#random.chance(this.oddities.hangs)) {
      return new Promise(() => undefined)
    }
    const body = JSON.stringify(this.#select(query))
    const breaksOff = this.isBroadcasting && this.#random.chance(this.oddities.breaksOff)
    return {
      status: 200,
      headers: { 'Content-Type': 'application/json;charset=UTF-8' },
      body: breaksOff ? body.slice(0, this.#random.between(1, body.length - 1)) : body,
      breaksOff,
    }
  }

  /**
   * Serves it over HTTP on this machine.
   *
   * @param port a free one where none is given
   * @param clock what to set `now` by before every request; where none is given it stays the caller's
   */
  listen({ port = 0, clock }: { port?: number; clock?: () => number } = {}): Promise<Listening> {
    return serve((request) => {
      if (clock) this.now = clock()
      return this.answer(request)
    }, port)
  }

  /** The answer to a request whose query is not even looked at. */
  #refuse(headers: ApiRequest['headers']): ApiAnswer | undefined {
    if (this.#random.chance(this.oddities.fails)) {
      if (this.#random.chance(0.5)) return say(500, 'Internal Server Error')
      return say(502, BAD_GATEWAY, HTML)
    }
    if (!hasPassword(headers, this.#apiKey)) {
      return say(401, UNAUTHORIZED, { ...HTML, 'WWW-Authenticate': 'Basic realm="api"' })
    }
    const isHasty = this.now - this.#lastCallAt < SHORTEST_PAUSE_MS
    this.#lastCallAt = this.now
    if (isHasty && this.#random.chance(this.oddities.refusesHaste)) {
      const seconds = this.#random.between(1, 5)
      return say(429, 'Too Many Requests', { 'Retry-After': String(seconds) })
    }
    const isOff = !this.#isEnabled && this.#random.chance(this.oddities.needsEnabling)
    return isOff ? say(400, 'Contact support to enable ContactActivity.') : undefined
  }

  #select({ window, maxRows, after, filters }: Query): Row[] {
    const shown = this.#log.list(window, this.now)
    let place = after ? shown.filter((kept) => compareKept(kept, after) <= 0).length : 0
    if (after && this.#random.chance(this.oddities.losesPlace)) {
      place = misplace(this.#random, place)
    }
    const asked = frayEdges(this.#random, this.oddities.fraysEdges, window, shown.slice(place))
    if (filters.length === 0) return asked.slice(0, maxRows).map(toRow)
    const rows = asked.map(toRow).filter((row) => passes(row, filters))
    return rows.slice(0, maxRows)
  }
}

function say(status: number, body: string, headers: Record<string, string> = {}): ApiAnswer {
  return { status, headers: { ...PLAIN, ...headers }, body, breaksOff: false }
}
