/** What needs Node.js, 24 or later. */
export { memoryD1 } from './memory/d1.ts'
export { threadCpu } from './thread-cpu.ts'
