import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** Repeatable chance: the same seed makes the same choices in the same order. */
export class Random {
  readonly #generator: ReturnType<typeof xoroshiro128plus>

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed)
  }

  /** A whole number, both ends included. */
  between(from: number, to: number): number {
    return uniformInt(this.#generator, from, to)
  }

  /** True with this probability, from 0 to 1. */
  chance(probability: number): boolean {
    return this.between(0, 999_999) < probability * 1_000_000
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.between(0, items.length - 1)]
    if (item === undefined) throw new Error('nothing to pick from')
    return item
  }

  /** Random hexadecimal digits. */
  hex(digits: number): string {
    let text = ''
    while (text.length < digits) text += this.between(0, 0xffffff).toString(16).padStart(6, '0')
    return text.slice(0, digits)
  }

  uuid(): string {
    return `${this.hex(8)}-${this.hex(4)}-11ee-${this.hex(4)}-${this.hex(12)}`
  }

  /** A generator of its own, so that what one part draws does not shift another's choices. */
  fork(): Random {
    return new Random(this.between(-0x80000000, 0x7fffffff))
  }
}
