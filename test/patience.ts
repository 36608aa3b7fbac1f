/** Longer than anything that does not hang, even on a busy machine; shorter than a test's timeout. */
export const PATIENCE_MS = 100_000

/** Options for waiting for a condition. */
export const PATIENT = { timeout: PATIENCE_MS } as const
