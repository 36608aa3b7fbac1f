import { ActivityLog, compareKept } from './activity-log.ts'
import { drawDelay, frayEdges, misplace, NO_ODDITIES, type Oddities } from './activity-oddities.ts'
import { passes, readQuery, type Query } from './activity-query.ts'
import { toRow, type Row } from './activity-row.ts'
import { serve, type ApiRequest, type ApiResponse, type Listening } from './activity-server.ts'
import type { Random } from './random.ts'
import type { Element } from './traffic.ts'

export type ActivityApiOptions = {
  apiKey: string
  /** Of the times in queries and rows: an IANA name, UTC by default. */
  timeZone?: string
  random: Random
  /** None by default. */
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
 * not a webhook reported it. A time slice is compared with the local time of the API, so for the hour that
 * comes twice in autumn it returns both. The caller moves time on.
 */
export class ActivityApi {
  /** UTC milliseconds of the account. */
  now = 0
  /** Whether a broadcast is being sent, so that calls can hang. */
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

  /** Does what Yespo's support does on request; matters only if that oddity is on. */
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

  /** Handles a request; while a broadcast is being sent it may hang for ever. */
  async respond({ method, url, headers }: ApiRequest): Promise<ApiResponse> {
    const { pathname, searchParams } = new URL(url)
    if (!PATH.test(pathname)) return reply(404, 'Not Found')
    if (method !== 'GET') return reply(405, 'Method Not Allowed', { Allow: 'GET' })
    const rejection = this.#reject(headers)
    if (rejection) return rejection
    const query = readQuery(searchParams)
    if (typeof query === 'string') return reply(400, query)
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
   * @param port 0 for a free one
   * @param clock sets `now` before every request; without one the caller does
   */
  listen({ port = 0, clock }: { port?: number; clock?: () => number } = {}): Promise<Listening> {
    return serve((request) => {
      if (clock) this.now = clock()
      return this.respond(request)
    }, port)
  }

  /** The response to a request whose query is not even read. */
  #reject(headers: ApiRequest['headers']): ApiResponse | undefined {
    if (this.#random.chance(this.oddities.fails)) {
      if (this.#random.chance(0.5)) return reply(500, 'Internal Server Error')
      return reply(502, BAD_GATEWAY, HTML)
    }
    if (!hasPassword(headers, this.#apiKey)) {
      return reply(401, UNAUTHORIZED, { ...HTML, 'WWW-Authenticate': 'Basic realm="api"' })
    }
    const isHasty = this.now - this.#lastCallAt < SHORTEST_PAUSE_MS
    this.#lastCallAt = this.now
    if (isHasty && this.#random.chance(this.oddities.rejectsHaste)) {
      const seconds = this.#random.between(1, 5)
      return reply(429, 'Too Many Requests', { 'Retry-After': String(seconds) })
    }
    const isOff = !this.#isEnabled && this.#random.chance(this.oddities.needsEnabling)
    return isOff ? reply(400, 'Contact support to enable ContactActivity.') : undefined
  }

  #select({ slice, maxRows, after, filters }: Query): Row[] {
    const shown = this.#log.list(slice, this.now)
    let index = after ? shown.filter((kept) => compareKept(kept, after) <= 0).length : 0
    if (after && this.#random.chance(this.oddities.losesPlace)) {
      index = misplace(this.#random, index)
    }
    const selected = frayEdges(this.#random, this.oddities.fraysEdges, slice, shown.slice(index))
    if (filters.length === 0) return selected.slice(0, maxRows).map(toRow)
    const rows = selected.map(toRow).filter((row) => passes(row, filters))
    return rows.slice(0, maxRows)
  }
}

function reply(status: number, body: string, headers: Record<string, string> = {}): ApiResponse {
  return { status, headers: { ...PLAIN, ...headers }, body, breaksOff: false }
}

/** Whether headers have Basic credentials with this password, and with any user name that is not empty. */
function hasPassword(headers: Readonly<Record<string, string>>, password: string): boolean {
  const header = Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization')
  const [, encoded = ''] = /^Basic +(\S+)$/i.exec(header?.[1] ?? '') ?? []
  const pair = Buffer.from(encoded, 'base64').toString()
  const colon = pair.indexOf(':')
  return colon > 0 && pair.slice(colon + 1) === password
}
