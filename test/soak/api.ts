import { ActivityApi } from '../../src/simulator/activity-api.ts'
import {
  serve,
  type ApiRequest,
  type ApiResponse,
  type Listening,
} from '../../src/simulator/activity-server.ts'
import { Random } from '../../src/simulator/random.ts'
import type { Element } from '../../src/simulator/traffic.ts'
import type { Fate } from './faults.ts'
import { API_KEY } from './server.ts'

const SHOWN_LATE = 0.02
const LONGEST_PAUSE_S = 600

/** Yespo's API for the events of a soak; it misbehaves when fate says so. */
export class Api {
  calls = 0
  /** Calls too soon after the previous one, or during a pause that the API had asked for. */
  callsTooSoon = 0
  readonly fate: Fate
  readonly #api: ActivityApi
  #pausedUntil = 0
  #listening: Listening | undefined

  private constructor(seed: number, fate: Fate) {
    this.fate = fate
    this.#api = new ActivityApi({
      apiKey: API_KEY,
      random: new Random(seed + 4),
      oddities: { rejectsHaste: 1, showsLate: SHOWN_LATE },
    })
    this.#api.isBroadcasting = true
  }

  static async start(seed: number, fate: Fate): Promise<Api> {
    const api = new Api(seed, fate)
    api.#listening = await serve((request) => api.#response(request), 0)
    return api
  }

  get url(): string {
    return this.#listening?.url ?? ''
  }

  /** Adds events to the API. @param now UTC milliseconds */
  record(elements: readonly Element[], now: number): void {
    this.#api.now = Math.max(this.#api.now, now)
    this.#api.record(elements)
  }

  async close(): Promise<void> {
    await this.#listening?.close()
  }

  async #response(request: ApiRequest): Promise<ApiResponse> {
    const { fate } = this
    this.calls++
    this.#api.now = Math.max(this.#api.now, Number(request.headers['soak-time']))
    if (this.#api.now < this.#pausedUntil) this.callsTooSoon++
    if (fate.strikes('API asks for a pause')) {
      const seconds = fate.random.between(1, LONGEST_PAUSE_S)
      this.#pausedUntil = this.#api.now + seconds * 1_000
      const headers = { 'Retry-After': String(seconds) }
      return { status: 429, headers, body: 'Too Many Requests', breaksOff: false }
    }
    Object.assign(this.#api.oddities, {
      fails: Number(fate.strikes('API fails')),
      hangs: Number(fate.strikes('API hangs')),
      breaksOff: Number(fate.strikes('API breaks off')),
      fraysEdges: Number(fate.strikes('API leaves out an edge')),
    })
    // Instead of waiting for the reader's timeout, the connection breaks at once.
    const hanging = new Promise<never>((_resolve, reject) => {
      setImmediate(() => reject(new Error('no response')))
    })
    const response = await Promise.race([this.#api.respond(request), hanging])
    if (response.status === 429) this.callsTooSoon++
    return response
  }
}
