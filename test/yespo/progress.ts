const BAR_WIDTH = 40
const REDRAW_MS = 100
const LINE_MS = 10_000

let lastShown = 0

/** Shows how far something has come: a bar on a terminal, now and then a line elsewhere. */
export function showProgress(what: string, done: number, total: number): void {
  const now = Date.now()
  const isEnd = done >= total
  const pause = process.stdout.isTTY ? REDRAW_MS : LINE_MS
  if (!isEnd && now - lastShown < pause) return
  if (isEnd && !process.stdout.isTTY) return
  lastShown = now
  const share = Math.min(done / total, 1)
  const text = `${what} ${done.toLocaleString('en')} of ${total.toLocaleString('en')}`
  if (!process.stdout.isTTY) return console.log(text)
  const bar = '█'.repeat(Math.round(share * BAR_WIDTH)).padEnd(BAR_WIDTH, '░')
  process.stdout.write(`\r${bar} ${text}${isEnd ? '\n' : ''}`)
}
