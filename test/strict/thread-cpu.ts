const cell = new Int32Array(new SharedArrayBuffer(4))
const SAMPLES = 201
const PAUSE_MS = 0.05 // less may be over before the thread pauses

let reads = 0
let costUs: number | undefined

/**
 * Processor time of the current thread in Node.js, in microseconds, without what reading it costs. Threads that
 * compile and collect garbage in the background do not count, as little as on Cloudflare.
 */
export function threadCpu(): number {
  costUs ??= measureCost()
  return read() - reads++ * costUs
}

/** The kernel only brings a thread's time up to date when the thread pauses. */
function read(): number {
  Atomics.wait(cell, 0, 0, PAUSE_MS)
  const { user, system } = process.threadCpuUsage()
  return user + system
}

function measureCost(): number {
  const costs = Array.from({ length: SAMPLES }, () => -read() + read())
  return costs.sort((a, b) => a - b)[SAMPLES >> 1] ?? 0
}
