import { afterEach } from 'vitest'

declare global {
  /** The functions that were called, by `addProbes`. */
  var reached: Record<string, 1> | undefined
}

declare module 'vitest' {
  interface TaskMeta {
    reached?: string[]
  }
}

afterEach(({ task }) => {
  task.file.meta.reached = Object.keys(globalThis.reached ?? {})
})
