/** What needs Node.js, 24 or later. */
export { loadWorker, type LoadOptions } from './load-worker.ts'
export { memoryD1 } from './memory/d1.ts'
export { threadCpu } from './thread-cpu.ts'
