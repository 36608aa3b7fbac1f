const MAX_LENGTH = 200

/** The beginning of an error's text, for logs and for tables. */
export function errorText(error: unknown): string {
  return String(error).slice(0, MAX_LENGTH)
}
