import { afterEach, beforeAll } from 'vitest'

declare global {
  /** The functions that were called since the last test, by `addProbes`. */
  var reached: Record<string, 1> | undefined
}

declare module 'vitest' {
  interface TaskMeta {
    reached?: string[]
  }
}

/** What is called by importing files matters to every test. */
let whileImporting: typeof globalThis.reached

beforeAll(() => {
  whileImporting = globalThis.reached
})

afterEach(({ task }) => {
  task.meta.reached = Object.keys({ ...whileImporting, ...globalThis.reached })
  globalThis.reached = {}
})
