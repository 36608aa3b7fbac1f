/** The fields of a line in addition to its event. */
export type LogFields = Readonly<Record<string, string | number | readonly string[]>>

/**
 * Writes one structured line. Never an address, name, token, credential or part of a body: pass counts, codes and
 * names of our own.
 */
export function log(level: 'info' | 'warn' | 'error', event: string, fields: LogFields): void {
  console[level](JSON.stringify({ event, ...fields }))
}

/** The text of an error for the log, or for a row of the database. */
export function errorText(error: unknown): string {
  return String(error).slice(0, 200)
}
