const WIDTH = 30

/** Shows how far something is: by a bar that moves in a terminal, and elsewhere by a line a percent. */
export class Progress {
  readonly #out: NodeJS.WriteStream
  #shown = -1

  constructor(out: NodeJS.WriteStream) {
    this.#out = out
  }

  /** @param share from 0 to 1 */
  show(share: number): void {
    const percent = Math.floor(share * 100)
    if (percent === this.#shown) return
    this.#shown = percent
    this.#out.write(this.#out.isTTY ? `\r${drawBar(share)}` : `${percent} %\n`)
  }

  /** Leaves the bar as it is, so that what is printed next has a line of its own. */
  end(): void {
    if (this.#out.isTTY && this.#shown >= 0) this.#out.write('\n')
  }
}

/** A bar as wide for every share, from 0 to 1. */
export function drawBar(share: number): string {
  const full = Math.floor(share * WIDTH)
  const percent = String(Math.floor(share * 100)).padStart(3)
  return `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${percent} %`
}
