import type { Invocation } from '../../strict/index.ts'
import { Violation } from './ledger.ts'
import { toText } from './scheduler.ts'

type Posted = { name: string; state: 'started' | 'ended' }

/** They are notified again while they last: for a new reason, or as a reminder. */
const REPEATED = /^(?:quarantine|expiring|unexpected|database_down)/
/** They end without a notification, or have none. */
const SILENT = /^(?:unexpected|alert_url|database_down)/

/** Where alerts are posted: each has to begin once and to end once. */
export class AlertInbox {
  readonly counts = { begun: 0, ended: 0, digests: 0, repeated: 0 }
  readonly open = new Set<string>()
  readonly seen = new Map<string, number>()

  readonly #latest = new Map<string, Invocation>()
  readonly #hasFailed: (invocation: Invocation) => boolean

  /** @param hasFailed whether something failed an invocation, so that it may not know what it has done */
  constructor(hasFailed: (invocation: Invocation) => boolean) {
    this.#hasFailed = hasFailed
  }

  /** Takes a post of an invocation. */
  receive(body: string, now: number, invocation: Invocation): void {
    const { alerts } = JSON.parse(body) as { alerts?: Posted[] }
    if (!alerts) {
      this.counts.digests++
      return
    }
    for (const { name, state } of alerts) {
      const before = this.#latest.get(name)
      this.#take(name, state, now, before !== undefined && this.#hasFailed(before))
      this.#latest.set(name, invocation)
    }
  }

  #take(name: string, state: Posted['state'], now: number, mayRepeat: boolean): void {
    const isRepeated = this.open.has(name) === (state === 'started')
    if (isRepeated) {
      if (!mayRepeat && !REPEATED.test(name)) {
        throw new Violation(`the alert ${name} ${state} twice, the second time at ${toText(now)}`)
      }
      this.counts.repeated++
    }
    if (state === 'started') {
      this.open.add(name)
      if (!isRepeated) this.counts.begun++
      this.seen.set(name, (this.seen.get(name) ?? 0) + 1)
    } else {
      this.open.delete(name)
      if (!isRepeated) this.counts.ended++
    }
  }

  /** Compares it with the alerts of the receiver. */
  check(alerts: ReadonlySet<string>): void {
    const untold = [...alerts].filter((name) => !this.open.has(name) && !SILENT.test(name))
    const stale = [...this.open].filter((name) => !alerts.has(name) && !SILENT.test(name))
    for (const name of this.open) if (!alerts.has(name) && SILENT.test(name)) this.open.delete(name)
    if (untold.length > 0) throw new Violation(`nobody was told of the alerts ${untold.join(', ')}`)
    if (stale.length > 0)
      throw new Violation(`nobody was told that these ended: ${stale.join(', ')}`)
  }
}
