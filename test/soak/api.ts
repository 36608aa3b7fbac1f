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

/** Yespo's API over all that happens in a soak, at odds with its reader when fate says so. */
export class Api {
  calls = 0
  /** Calls that came too soon after the one before, or in a pause that was asked for. */
  hasty = 0
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
    api.#listening = await serve((request) => api.#answer(request), 0)
    return api
  }

  get url(): string {
    return this.#listening?.url ?? ''
  }

  /** Keeps what happened. @param now UTC milliseconds */
  record(elements: readonly Element[], now: number): void {
    this.#api.now = Math.max(this.#api.now, now)
    this.#api.record(elements)
  }

  async close(): Promise<void> {
    await this.#listening?.close()
  }

  async #answer(request: ApiRequest): Promise<ApiResponse> {
    const { fate } = this
    this.calls++
    this.#api.now = Math.max(this.#api.now, Number(request.headers['soak-time']))
    if (this.#api.now < this.#pausedUntil) this.hasty++
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
    // Nobody waits for the end of the reader's patience: the connection breaks at once.
    const hanging = new Promise<never>((_resolve, reject) => {
      setImmediate(() => reject(new Error('no answer')))
    })
    const answer = await Promise.race([this.#api.respond(request), hanging])
    if (answer.status === 429) this.hasty++
    return answer
  }
}
