import { DAY_MS, HOUR_MS, MINUTE_MS } from '../event/clock.ts'
import { nameZone } from './zone-name.ts'

const MAX_ZONES = 50

let numberFormat: Intl.NumberFormat | undefined

/** `1234567` as `1,234,567`. */
export function formatNumber(value: number): string {
  numberFormat ??= new Intl.NumberFormat('en-GB')
  return numberFormat.format(value)
}

/** A number of things: `1 event`, `1,200 events`. @param noun its singular */
export function formatCount(count: number, noun: string): string {
  return `${formatNumber(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** A share as `12.3%`; two digits if it is small. @param rate from 0 to 1 */
export function formatRate(rate: number): string {
  const percent = rate * 100
  return `${percent.toFixed(percent !== 0 && percent < 1 ? 2 : 1)}%`
}

/** A duration in the largest unit that is precise enough: `45 seconds`, `3 hours`, `2 days`. */
export function formatSpan(milliseconds: number): string {
  const units = [
    [DAY_MS, 'day', 2],
    [HOUR_MS, 'hour', 2],
    [MINUTE_MS, 'minute', 1],
    [1000, 'second', 0],
  ] as const
  const [ms, name] = units.find(([unit, , least]) => milliseconds >= unit * least) ?? units[3]
  return formatCount(Math.floor(milliseconds / ms), name)
}

/** Formats times (UTC milliseconds) in a time zone. */
export type Clock = {
  /** An IANA name. */
  zone: string
  /** `Kyiv time` */
  name: string
  /** `25 Nov 2026, 14:03:07` */
  exact: (time: number) => string
  /** `25 Nov, 14:03` */
  minute: (time: number) => string
  /** `14:03` */
  hour: (time: number) => string
  /** `25 Nov` */
  day: (time: number) => string
  /** `Wed 25 Nov 2026` */
  date: (time: number) => string
  /** `2026-11-25T14:03`, the value of a `datetime-local` field. */
  field: (time: number) => string
}

const clocks = new Map<string, Clock>()

/** The clock of a zone. @param zone an IANA name */
export function clockOf(zone: string): Clock {
  let clock = clocks.get(zone)
  if (!clock) {
    if (clocks.size >= MAX_ZONES) clocks.clear()
    clock = makeClock(zone)
    clocks.set(zone, clock)
  }
  return clock
}

function makeClock(timeZone: string): Clock {
  const formatter = (locale: string, options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(locale, { timeZone, hourCycle: 'h23', ...options })
    return (time: number) => format.format(time)
  }
  const [day, hour] = [
    { day: 'numeric', month: 'short' },
    { hour: '2-digit', minute: '2-digit' },
  ] as const
  const field = formatter('sv-SE', { dateStyle: 'short', timeStyle: 'short' })
  return {
    zone: timeZone,
    name: nameZone(timeZone),
    exact: formatter('en-GB', { ...day, year: 'numeric', ...hour, second: '2-digit' }),
    minute: formatter('en-GB', { ...day, ...hour }),
    hour: formatter('en-GB', hour),
    day: formatter('en-GB', day),
    date: formatter('en-GB', { weekday: 'short', ...day, year: 'numeric' }),
    field: (time) => field(time).replace(' ', 'T'),
  }
}
