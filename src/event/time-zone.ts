// The first formatter of a process takes some 8 ms of processor time: it is made when the Worker starts, as its first
// request may have no more than 10 ms.
const formatters = new Map([['UTC', makeFormatter('UTC')]])
const MAX_FORMATTERS = 20

const OFFSET = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/

/** Names of ICU such as `PST`, which are in no standard and may mean several zones. */
const ICU_NAME = /^(?:A[CEGRS]|BE|BS|C[ANST]|E[AC]|I[ES]|JS|MI|NE|NS|P[LNRS]|SS|VS)T$/i

/** Whether this is the name of a known time zone. */
export function isTimeZone(name: string): boolean {
  if (ICU_NAME.test(name)) return false
  try {
    formatterOf(name)
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/**
 * How far local time is ahead of UTC at a moment: milliseconds.
 *
 * @param time UTC milliseconds
 * @param zone an IANA name
 */
export function offsetAt(time: number, zone: string): number {
  const [, sign, hours, minutes, seconds = 0] = OFFSET.exec(formatterOf(zone).format(time)) ?? []
  const offset = ((Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60 + Number(seconds)) * 1_000
  return sign === '-' ? -offset : offset
}

/** A moment as local time of a zone, in Yespo's format: `2023-09-14T08:30:03`. */
export function toLocalText(time: number, zone: string): string {
  return new Date(time + offsetAt(time, zone)).toISOString().slice(0, 19)
}

function formatterOf(zone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(zone)
  if (!formatter) {
    formatter = makeFormatter(zone)
    if (formatters.size >= MAX_FORMATTERS) formatters.clear()
    formatters.set(zone, formatter)
  }
  return formatter
}

function makeFormatter(zone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' })
}
