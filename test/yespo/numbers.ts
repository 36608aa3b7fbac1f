/** `5%` or `0.05`. */
export function parseShare(text: string): number {
  const share = Number.parseFloat(text) / (text.endsWith('%') ? 100 : 1)
  if (!(share >= 0 && share <= 1)) throw new Error(`${text} is not a share such as 5%`)
  return share
}

export function parseCount(text: string): number {
  const count = Number(text)
  if (!(Number.isSafeInteger(count) && count > 0))
    throw new Error(`${text} is not a whole number above 0`)
  return count
}

/** `2026-11-01` or `2026-11-01T07:00Z`, as UTC milliseconds. */
export function parseTime(text: string): number {
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw new Error(`${text} is not a time such as 2026-11-01`)
  return time
}
