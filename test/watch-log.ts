import { afterEach, beforeEach, vi } from 'vitest'

const LEVELS = ['debug', 'log', 'info', 'warn', 'error'] as const

/** Collects the lines logged during each test of a file. */
export function watchLog(): { readonly lines: readonly string[] } {
  const lines: string[] = []
  beforeEach(() => {
    lines.length = 0
    for (const level of LEVELS) {
      vi.spyOn(console, level).mockImplementation((...words) => void lines.push(words.join(' ')))
    }
  })
  afterEach(() => vi.restoreAllMocks())
  return { lines }
}
