const WIDTH = 30
const CLEAR = '\x1b[K'

/** Shows how far something is: by a bar that moves in a terminal, and elsewhere by a line a percent. */
export class Progress {
  readonly #out: NodeJS.WriteStream
  #shown = ''

  constructor(out: NodeJS.WriteStream) {
    this.#out = out
  }

  /** @param share from 0 to 1 @param delay what is waited for, in a few words */
  show(share: number, delay = ''): void {
    const text = `${Math.floor(share * 100)} %${delay && ` (waits: ${delay})`}`
    if (text === this.#shown) return
    this.#shown = text
    this.#out.write(
      this.#out.isTTY ? `\r${CLEAR}${drawBar(share)}${delay && `  waits: ${delay}`}` : `${text}\n`,
    )
  }

  /** Leaves the bar as it is, so that what is printed next has a line of its own. */
  end(): void {
    if (this.#out.isTTY && this.#shown) this.#out.write('\n')
  }
}

/** A bar as wide for every share, from 0 to 1. */
export function drawBar(share: number): string {
  const full = Math.floor(share * WIDTH)
  const percent = String(Math.floor(share * 100)).padStart(3)
  return `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${percent} %`
}
