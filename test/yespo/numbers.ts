/** A share such as `5%` or `0.05`. @param option whose value the text is */
export function parseShare(option: string, text: string): number {
  const share = Number.parseFloat(text) / (text.endsWith('%') ? 100 : 1)
  if (share >= 0 && share <= 1) return share
  throw new Error(`${option} must be a share such as 5%, not “${text}”`)
}

/** A whole number above 0. */
export function parseCount(option: string, text: string): number {
  const count = Number(text)
  if (Number.isSafeInteger(count) && count > 0) return count
  throw new Error(`${option} must be a whole number above 0, not “${text}”`)
}

/** `2026-11-01` or `2026-11-01T07:00Z`, as UTC milliseconds. */
export function parseTime(option: string, text: string): number {
  const time = Date.parse(text)
  if (!Number.isNaN(time)) return time
  throw new Error(`${option} must be a time such as 2026-11-01, not “${text}”`)
}
