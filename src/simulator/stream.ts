import { joinBody, type Element } from './traffic.ts'

const MINUTE = 60_000
const LONGEST_DELAY = 60 * MINUTE

/** The outcome of one attempt. */
export type Attempt = {
  isAccepted: boolean
  /** Undefined without a response. */
  status: number | undefined
  elements: number
  /** Milliseconds of Yespo's time since the request's first attempt. */
  blocked: number
}

/** Milliseconds until a failed request is repeated: 1, 2, 4, 8 … 60 minutes. */
function retryDelay(failures: number): number {
  return Math.min(MINUTE * 2 ** (failures - 1), LONGEST_DELAY)
}

/** The pending requests of one webhook: first in, first out, and a failing one blocks the rest. */
export class Stream {
  nextAttemptAt = 0
  readonly #pending: { body: Buffer; elements: number }[] = []
  #failures = 0
  #failingSince = 0

  /** How many times in a row the head has failed. */
  get failures(): number {
    return this.#failures
  }

  get length(): number {
    return this.#pending.length
  }

  /** The body to send next. */
  get head(): Buffer | undefined {
    return this.#pending[0]?.body
  }

  push(elements: readonly Element[]): void {
    this.#pending.push({ body: joinBody(elements), elements: elements.length })
  }

  /** Records the response to the head. */
  record(status: number | undefined, now: number): Attempt {
    const blocked = this.#failures > 0 ? now - this.#failingSince : 0
    const elements = this.#pending[0]?.elements ?? 0
    if (status === 200) {
      this.#pending.shift()
      this.#failures = 0
      this.nextAttemptAt = now
      return { isAccepted: true, status, elements, blocked }
    }
    if (this.#failures === 0) this.#failingSince = now
    this.#failures++
    this.nextAttemptAt = now + retryDelay(this.#failures)
    return { isAccepted: false, status, elements, blocked }
  }
}
