import { Random } from '../../../src/simulator/random.ts'
import { CHECKS } from './people/checks.ts'
import { PROGRAMS, readOneContact } from './people/programs.ts'
import { Reader } from './people/reader.ts'
import { REPORTS } from './people/reports.ts'
import { STRANGERS } from './people/strangers.ts'
import { FeedReader } from './people/suppressions.ts'
import { visitPages } from './people/visitors.ts'
import type { Simulation } from './simulation.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const REQUESTS_EACH = 6

type Act = (reader: Reader) => Promise<void>

/**
 * People and programs who use the receiver while everything else goes on, several at once. Each response is compared
 * with what was stored between the request and the response.
 */
export class People {
  readonly counts: Record<string, number> = {}
  readonly #simulation: Simulation
  readonly #random: Random
  readonly #acts: readonly Act[]
  /** What was begun and has not ended. */
  readonly #begun = new Set<Promise<void>>()

  constructor(simulation: Simulation) {
    this.#simulation = simulation
    this.#random = new Random(simulation.options.seed + 13)
    const { follow } = new FeedReader()
    this.#acts = [
      ...PROGRAMS,
      ...PROGRAMS,
      ...REPORTS,
      ...CHECKS,
      ...STRANGERS,
      visitPages,
      visitPages,
      follow,
    ]
  }

  /** Has them come and go until the last day. */
  start(): void {
    const { options, isLong } = this.#simulation
    const { readingsPerDay = isLong ? 10 : 200 } = options
    if (readingsPerDay === 0) return
    this.#plan((REQUESTS_EACH * DAY) / readingsPerDay)
    const share = Math.min(1, readingsPerDay / 200)
    this.#watchFiles(share)
    this.#watchErasures(share)
  }

  /** Has some come while events are moved. @param share of such moments, from 0 to 1 */
  #watchFiles(share: number): void {
    const { world } = this.#simulation
    const { onFile } = world
    world.onFile = async (kind, key) => {
      if (this.#random.chance(share)) {
        for (let left = 4; left > 0; left--) this.#planSoon(this.#random.pick(PROGRAMS), 600)
      }
      await onFile(kind, key)
    }
  }

  /** Has somebody look at a contact while she is erased. */
  #watchErasures(share: number): void {
    this.#simulation.shelf.onGone = (contactId) => {
      if (!/^\d{1,15}$/.test(contactId) || !this.#random.chance(share / 4)) return
      const readHer = (reader: Reader) => readOneContact(reader, contactId)
      this.#planSoon(readHer, 300)
    }
  }

  /** @param ms within which somebody comes */
  #planSoon(act: Act, ms: number): void {
    const { scheduler, now } = this.#simulation
    const time = now + this.#random.between(0, ms)
    scheduler.at(time, 'somebody comes', () => this.#begin(act))
  }

  /** Waits for those who are still there. */
  async end(): Promise<void> {
    await this.#simulation.scheduler.runFor(Promise.all(this.#begun), DAY)
  }

  /** Has everybody come once more, one after the other. */
  async finish(): Promise<void> {
    const all = this.#acts.map((act) => () => this.#act(act))
    await this.#simulation.scheduler.runFor(inTurns(all), DAY)
  }

  /** @param pause the average time between two who come: milliseconds */
  #plan(pause: number): void {
    const { scheduler, options, now } = this.#simulation
    // Sometimes several come at once.
    const wait = this.#random.chance(0.2) ? 0 : this.#random.between(0, Math.floor(2.5 * pause))
    if (now + wait >= options.start + options.days * DAY) return
    scheduler.at(now + wait, 'somebody comes', () => {
      this.#begin(this.#random.pick(this.#acts))
      this.#plan(pause)
    })
  }

  #begin(act: Act): void {
    const begun = this.#act(act)
    this.#begun.add(begun)
    void begun.finally(() => this.#begun.delete(begun))
  }

  async #act(act: Act): Promise<void> {
    this.counts[act.name] = (this.counts[act.name] ?? 0) + 1
    try {
      await act(new Reader(this.#simulation, this.#random.fork()))
    } catch (error) {
      this.#simulation.fail(error)
    }
  }
}

async function inTurns(all: readonly (() => Promise<void>)[]): Promise<void> {
  for (const each of all) await each()
}
