import type { Random } from '../../../../src/simulator/random.ts'
import { Violation } from '../ledger.ts'
import { toText } from '../scheduler.ts'
import { SECRETS, type Simulation } from '../simulation.ts'
import type { Shelf, Shelved } from './shelf.ts'

/** A response, and when its request began and it was there: UTC milliseconds. */
export type Answer = {
  path: string
  status: number
  body: string
  headers: Headers
  began: number
  ended: number
}

export type Sent = {
  method?: string
  headers?: Readonly<Record<string, string>>
  body?: string
}

/** Somebody who reads: asks, and says what is wrong with a response. */
export class Reader {
  readonly simulation: Simulation
  readonly shelf: Shelf
  readonly random: Random
  /** Where the requests come from. */
  readonly address: string

  constructor(simulation: Simulation, random: Random) {
    this.simulation = simulation
    this.shelf = simulation.shelf
    this.random = random
    this.address = `2001:db8:${random.hex(4)}:${random.hex(4)}::1`
  }

  /** Sends a request. @returns the response; undefined if there is none, or an excused error */
  async send(
    path: string,
    { method = 'GET', headers, body }: Sent = {},
  ): Promise<Answer | undefined> {
    const { simulation, shelf } = this
    shelf.noticeErased(() => areErasuresFinished(simulation))
    const began = simulation.now
    const all = { 'CF-Connecting-IP': this.address, ...headers }
    const reply = await simulation.request(method, path, all, body)
    if (reply.status === undefined || reply.status >= 500) return undefined
    const { status, isCut } = reply
    const answer = {
      path,
      status,
      body: reply.body,
      headers: reply.headers,
      began,
      ended: simulation.now,
    }
    if (isCut && !reply.isExcused) this.fail(answer, 'broke off')
    return isCut ? undefined : answer
  }

  /** Asks with the read token. @returns the response if it is 200 or one of some others */
  async ask(path: string, ...others: readonly number[]): Promise<Answer | undefined> {
    const answer = await this.send(path, {
      headers: { Authorization: `Bearer ${SECRETS.READ_TOKEN}` },
    })
    if (answer && answer.status !== 200 && !others.includes(answer.status)) {
      this.fail(answer, `got ${answer.status}: ${answer.body.slice(0, 300)}`)
    }
    return answer
  }

  /** Whether an event has to be in a response. */
  mustShow({ storedAt, goneAt, entry }: Shelved, { began }: Answer): boolean {
    return storedAt <= began && goneAt === Infinity && !this.shelf.mayBeErased(entry)
  }

  /** Whether an event may be in a response. */
  mayShow({ storedAt, goneAt, entry }: Shelved, { began, ended }: Answer): boolean {
    return storedAt <= ended && goneAt >= began && !this.shelf.isErased(entry, began)
  }

  /** Whether identifiers of an event may be in a response: an erasure deletes them after the event. */
  mayName({ storedAt, entry }: Shelved, { began, ended }: Answer): boolean {
    return storedAt <= ended && !this.shelf.isErased(entry, began)
  }

  fail({ path, began, ended }: Answer, what: string): never {
    throw new Violation(`GET ${path} from ${toText(began)} (${began} to ${ended}) ${what}`)
  }
}

function areErasuresFinished({ world }: Simulation): boolean {
  const sql = 'SELECT count(*) AS unfinished FROM erasures WHERE finishedAt IS NULL'
  return world.database.prepare(sql).get()?.['unfinished'] === 0
}
