/** Longer than anything takes that does not hang, on a busy machine too; less than a test may. */
export const PATIENCE_MS = 100_000

/** The options of what waits for a condition. */
export const PATIENT = { timeout: PATIENCE_MS } as const
