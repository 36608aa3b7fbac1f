import { joinBody, type Element } from './traffic.ts'

const MINUTE = 60_000
const LONGEST_DELAY = 60 * MINUTE

/** How one attempt went. */
export type Attempt = {
  isTaken: boolean
  /** Undefined where no answer came. */
  status: number | undefined
  /** How many elements it had. */
  elements: number
  /** How long the request had waited since its first attempt, in milliseconds of Yespo's time. */
  blocked: number
}

/** Milliseconds until a request is repeated that failed so often: 1, 2, 4, 8 … 60 minutes. */
function retryDelay(failures: number): number {
  return Math.min(MINUTE * 2 ** (failures - 1), LONGEST_DELAY)
}

/** What waits to be sent to one webhook: first in, first out, and nothing passes a failing one. */
export class Stream {
  nextAttemptAt = 0
  readonly #waiting: { body: Buffer; elements: number }[] = []
  #failures = 0
  #failingSince = 0

  /** How often in a row the head has failed. */
  get failures(): number {
    return this.#failures
  }

  get length(): number {
    return this.#waiting.length
  }

  /** The body to send next. */
  get head(): Buffer | undefined {
    return this.#waiting[0]?.body
  }

  push(elements: readonly Element[]): void {
    this.#waiting.push({ body: joinBody(elements), elements: elements.length })
  }

  /** Takes note of how the head fared. */
  settle(status: number | undefined, now: number): Attempt {
    const blocked = this.#failures > 0 ? now - this.#failingSince : 0
    const elements = this.#waiting[0]?.elements ?? 0
    if (status === 200) {
      this.#waiting.shift()
      this.#failures = 0
      this.nextAttemptAt = now
      return { isTaken: true, status, elements, blocked }
    }
    if (this.#failures === 0) this.#failingSince = now
    this.#failures++
    this.nextAttemptAt = now + retryDelay(this.#failures)
    return { isTaken: false, status, elements, blocked }
  }
}
