import { Violation } from './ledger.ts'
import type { Simulation } from './simulation.ts'
import { SECRETS } from './simulation.ts'

const MINUTE = 60_000
const MAX_TRIES = 700 // more than two days

/** The person who runs the receiver: erases, replays, rebuilds and backfills, and tries again until it works. */
export class Operator {
  readonly counts = { erased: 0, replays: 0, rebuilds: 0, backfills: 0 }
  readonly #simulation: Simulation

  constructor(simulation: Simulation) {
    this.#simulation = simulation
  }

  /** Erases a contact, by the ID or by an address. */
  async erase(contactId: string, email: string | undefined): Promise<void> {
    const { ledger } = this.#simulation
    ledger.beginErasure(contactId, email, this.#simulation.now)
    const path =
      email === undefined
        ? `/contacts/${contactId}`
        : `/contacts?email=${encodeURIComponent(email)}`
    const since = await this.#insist('DELETE', path)
    ledger.confirmErasure(contactId, since, this.#simulation.now)
    this.counts.erased++
  }

  /** Replays everything in quarantine. */
  async replay(): Promise<void> {
    await this.#goThrough('/quarantine/replay', 'cursor')
    this.counts.replays++
  }

  /** Rebuilds the tables that are derived from events. */
  async rebuild(): Promise<void> {
    await this.#goThrough('/rebuild', 'since')
    this.counts.rebuilds++
  }

  /** Reads a period again from Yespo's API. Times are UTC milliseconds. */
  async backfill(since: number, until: number): Promise<void> {
    const [from, to] = [since, until].map((time) => new Date(time).toISOString())
    await this.#insist('POST', `/backfill?since=${from}&until=${to}`)
    this.counts.backfills++
  }

  /** Does one step after the other, as each response says. */
  async #goThrough(path: string, parameter: string): Promise<void> {
    for (let next: unknown = null, isFirst = true; isFirst || next !== null; isFirst = false) {
      const query = next === null ? '' : `?${parameter}=${encodeURIComponent(String(next))}`
      const { body } = await this.#repeat('POST', `${path}${query}`)
      next = (JSON.parse(body) as { next: unknown }).next
    }
  }

  /** @returns when the request began that succeeded: UTC milliseconds */
  async #insist(method: string, path: string): Promise<number> {
    return (await this.#repeat(method, path)).since
  }

  async #repeat(method: string, path: string): Promise<{ body: string; since: number }> {
    const { scheduler } = this.#simulation
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const since = this.#simulation.now
      const reply = await this.#simulation.request(method, path, {
        Authorization: `Bearer ${SECRETS.OPERATE_TOKEN}`,
      })
      if (reply.status === 200 || reply.status === 202) return { body: reply.body, since }
      const isTemporary = reply.status === undefined || reply.status >= 500 || reply.status === 429
      if (!isTemporary && reply.status !== 409) {
        throw new Violation(
          `${method} ${path.split('?')[0]} got ${reply.status}: ${reply.body.slice(0, 300)}`,
        )
      }
      await scheduler.wait(5 * MINUTE, 'operator waits')
    }
    throw new Violation(`${method} ${path.split('?')[0]} never succeeded`)
  }
}
