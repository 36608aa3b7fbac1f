const WIDTH = 30
const REDRAW_MS = 100
const LINE_MS = 10_000

let lastShown = 0

/** Shows a count: in a terminal as a bar, elsewhere as a line now and then. */
export function showCount(what: string, done: number, total: number): void {
  const now = Date.now()
  const { isTTY } = process.stdout
  const isEnd = done >= total
  if (!isEnd && now - lastShown < (isTTY ? REDRAW_MS : LINE_MS)) return
  lastShown = now
  const text = `${what} ${done.toLocaleString('en')} of ${total.toLocaleString('en')}`
  if (isTTY)
    process.stdout.write(`\r${drawBar(Math.min(done / total, 1))}  ${text}${isEnd ? '\n' : ''}`)
  else if (!isEnd) console.log(text)
}

/** Shows progress: in a terminal as a moving bar, elsewhere as a line per percent. */
export class Progress {
  readonly #out: NodeJS.WriteStream
  #shown = ''
  #delay = ''

  constructor(out: NodeJS.WriteStream) {
    this.#out = out
  }

  /** @param share from 0 to 1 @param delay the reason for a wait, in a few words */
  show(share: number, delay = ''): void {
    if (delay && delay !== this.#delay) this.#print(`Waiting: ${delay}`)
    this.#delay = delay
    const text = this.#out.isTTY ? drawBar(share) : `${Math.floor(share * 100)} %`
    if (text === this.#shown) return
    this.#shown = text
    this.#out.write(this.#out.isTTY ? `\r${text}` : `${text}\n`)
  }

  /** Ends the line of the bar, so that further output has a line of its own. */
  end(): void {
    if (this.#out.isTTY && this.#shown) this.#out.write('\n')
  }

  /** Prints a line above the bar, which blanks overwrite: not every terminal has a code for that. */
  #print(line: string): void {
    const isBar = this.#out.isTTY && this.#shown !== ''
    this.#out.write(`${isBar ? '\r' : ''}${line.padEnd(isBar ? this.#shown.length : 0)}\n`)
    this.#shown = ''
  }
}

/** A bar of constant width for a share from 0 to 1. */
export function drawBar(share: number): string {
  const full = Math.floor(share * WIDTH)
  const percent = String(Math.floor(share * 100)).padStart(3)
  return `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${percent} %`
}
