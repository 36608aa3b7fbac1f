import { digest128 } from '../../src/event/identity.ts'
import type { Element } from '../../src/simulator/traffic.ts'
import type { Fate } from './faults.ts'
import { readEvent, type Ledger } from './ledger.ts'
import type { Server } from './server.ts'

/** How often it happens, of all bodies. */
const SHARES = { planting: 0.02, forgetting: 0.01, replaying: 0.02 }

const MAX_PLANTED_BYTES = 20_000
const MAX_TRIES = 500
const FIVE_MINUTES = 300_000
const HOUR = 3_600_000
const SCHEDULE_MS = 2 * HOUR

/** What the receiver's clock shows, UTC milliseconds: never behind what happened last. */
export type Clock = { readonly time: number; advance(ms: number): void }

/** What its owner does with a receiver, and what that does by itself, while events come in. */
export class Upkeep {
  readonly counts = { backfills: 0, contactsErased: 0, planted: 0, replayed: 0, runs: 0 }
  readonly #server: Server
  readonly #fate: Fate
  readonly #ledger: Ledger
  readonly #toErase: Element[] = []
  #lookedAfterAt = 0
  readonly #clock: Clock

  constructor(server: Server, fate: Fate, ledger: Ledger, clock: Clock) {
    this.#server = server
    this.#fate = fate
    this.#ledger = ledger
    this.#clock = clock
  }

  /**
   * An event that an earlier version of the receiver did not take, and today's would, is set aside.
   * @returns the body without it
   */
  async plant(elements: readonly Element[]): Promise<readonly Element[]> {
    const { random } = this.#fate
    if (elements.length < 2 || !random.chance(SHARES.planting)) return elements
    const chosen = random.pick(elements)
    const twins = elements.filter(({ bytes }) => bytes.equals(chosen.bytes))
    const isLong = chosen.bytes.length > MAX_PLANTED_BYTES
    if (chosen.isPoison || twins.length > 1 || isLong) return elements
    this.#ledger.expect([chosen])
    const sent = chosen.bytes.toString()
    await this.#server.quarantined(digest128(`planted ${sent}`), sent, this.#clock.time)
    this.counts.planted++
    return elements.filter((element) => element !== chosen)
  }

  /** Some of it, by chance. */
  async happen(elements: readonly Element[]): Promise<void> {
    const { random } = this.#fate
    const someone = random.pick(elements)
    if (random.chance(SHARES.forgetting) && !someone.isPoison) this.#toErase.push(someone)
    await this.#forget()
    // As often as its time goes by, so that it takes its part in all that fails.
    if (this.#clock.time - this.#lookedAfterAt >= SCHEDULE_MS) await this.#runMaintenance()
    if (random.chance(SHARES.replaying)) await this.replay(random.pick(['planted', 'all']))
  }

  /** All of it, until nothing is left to be done. @param deliver empties the queue */
  async finish(deliver: () => Promise<void>): Promise<void> {
    let left: Record<string, number> = {}
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      await this.#forget()
      await this.replay()
      await deliver()
      this.#clock.advance(HOUR)
      await this.#runMaintenance()
      await deliver() // what it began to read
      left = { ...(await this.#server.countUnderWay()), toErase: this.#toErase.length }
      if (Object.values(left).every((count) => count === 0)) return
    }
    throw new Error(`the upkeep never ends: ${JSON.stringify(left)}`)
  }

  /** The owner has a stretch of time read from Yespo's API: UTC milliseconds. */
  async backfill(since: number, until: number): Promise<void> {
    const [from, to] = [since, until].map((time) => new Date(time).toISOString())
    const path = `/backfill?since=${from}&until=${to}`
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const answer = await this.#server.operate('POST', path, this.#clock.time)
      if (answer !== undefined) {
        this.counts.backfills++
        return
      }
      this.#clock.advance(FIVE_MINUTES)
    }
    throw new Error('the backfill is never taken')
  }

  /** The owner has tried again what was set aside: what can be put right, or all of it, which takes long. */
  async replay(what: 'planted' | 'all' = 'planted'): Promise<void> {
    let cursor: string | null = ''
    while (cursor !== null) {
      const query = new URLSearchParams({
        ...(what === 'planted' && { reason: 'planted' }),
        ...(cursor !== '' && { cursor }),
      })
      const path = `/quarantine/replay?${query}`
      const answer = await this.#server.operate('POST', path, this.#clock.time)
      if (answer === undefined) return // another time
      const { replayed, next } = JSON.parse(answer) as { replayed: number; next: string | null }
      this.counts.replayed += replayed
      cursor = next
    }
  }

  /** The owner asks until it is done; until then it may have begun, or not. */
  async #forget(): Promise<void> {
    const [element] = this.#toErase
    if (!element) return
    const { contactId, email } = readEvent(element.bytes).event
    const until = this.#clock.time
    const byName = email !== undefined && this.#fate.random.chance(0.5)
    const path = byName
      ? `/contacts?email=${encodeURIComponent(email.toUpperCase())}`
      : `/contacts/${contactId}`
    const answer = await this.#server.operate('DELETE', path, until)
    if (answer === undefined) return
    // An address that has not come in yet leads to nobody: then by the contact, another time. A contact may have
    // nothing left, or yet, and is erased all the same.
    if (byName && (JSON.parse(answer) as { contacts: number }).contacts === 0) return
    this.#ledger.forget(String(contactId), until)
    this.#toErase.shift()
    this.counts.contactsErased++
  }

  async #runMaintenance(): Promise<void> {
    this.#clock.advance(FIVE_MINUTES)
    this.counts.runs++
    this.#lookedAfterAt = this.#clock.time
    await this.#server.runMaintenance(this.#clock.time)
  }
}
