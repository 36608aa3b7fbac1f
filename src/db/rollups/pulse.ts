/**
 * The counts of an hour for one channel and mailbox provider: contacts, once per delivery; of reads and clicks only
 * people's. The provider is '' for other channels than email, and `OTHER` if it is not in the table of providers.
 */
export type PulseRow = [
  channel: string,
  provider: string,
  delivered: number,
  read: number,
  clicked: number,
  complained: number,
  unsubscribed: number,
  bounces: BouncesOfCause[],
]

/** Bounces of a cause, by quarter of the hour. */
type BouncesOfCause = [cause: string, number, number, number, number]

/** Stands for every channel that Yespo does not document, and every provider not in the table: their names may be personal. */
export const OTHER = 'other'

const COLUMNS = { DELIVERED: 2, READ: 3, CLICKED: 4, SPAM: 5, UNSUBSCRIBED: 6 } as const
const BOUNCES = 7

/** Adds up the pulse of an hour. */
export class Pulse {
  readonly #rows = new Map<string, PulseRow>()

  /** @param quarter of the hour, from 0 */
  add(
    channel: string,
    provider: string,
    activityStatus: string,
    cause: string,
    quarter: number,
    contacts = 1,
  ): void {
    if (activityStatus === 'UNDELIVERED') {
      const bounces = this.#rowOf(channel, provider)[BOUNCES]
      let ofCause = bounces.find(([name]) => name === cause)
      if (!ofCause) bounces.push((ofCause = [cause, 0, 0, 0, 0]))
      const column = (quarter + 1) as 1 | 2 | 3 | 4
      ofCause[column] += contacts
    } else if (isCounted(activityStatus)) {
      this.#rowOf(channel, provider)[COLUMNS[activityStatus]] += contacts
    }
  }

  list(): PulseRow[] {
    return [...this.#rows.values()]
  }

  #rowOf(channel: string, provider: string): PulseRow {
    const key = `${channel} ${provider}`
    let row = this.#rows.get(key)
    if (!row) this.#rows.set(key, (row = [channel, provider, 0, 0, 0, 0, 0, []]))
    return row
  }
}

function isCounted(status: string): status is keyof typeof COLUMNS {
  return Object.hasOwn(COLUMNS, status)
}
