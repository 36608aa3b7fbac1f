/** What a line says besides its event. */
export type LogFields = Readonly<Record<string, string | number | readonly string[]>>

/** An error as a line of the log has it. */
export function errorText(error: unknown): string {
  return String(error).slice(0, 200)
}

/**
 * Writes one structured line. Never an address, name, token, credential or piece of a body: pass
 * counts, codes and names of our own.
 */
export function log(level: 'info' | 'warn' | 'error', event: string, fields: LogFields): void {
  console[level](JSON.stringify({ event, ...fields }))
}
