import { DAY_MS, HOUR_MS, MINUTE_MS } from '../event/clock.ts'
import { LANGUAGES, type Language } from './languages.ts'
import { nameZone } from './zone-name.ts'

const MAX_CLOCKS = 100

/** Formats numbers and durations in a language. */
export type Formats = {
  /** `1,234,567` */
  number: (value: number) => string
  /** A number as spreadsheets of this locale read it: `1234.5`, in Ukrainian `1234,5`. */
  plain: (value: number) => string
  /** `1,235` as `1.2K`, for small places. */
  compact: (value: number) => string
  /** A share as `12.3%`; two digits if it is small. @param rate from 0 to 1 */
  rate: (rate: number) => string
  /** A difference of rates in percentage points, with its sign: `+1.25`. @param difference from -1 to 1 */
  points: (difference: number) => string
  /** A change as a share, with its sign: `+12%`. @param ratio 0.12 is an eighth more */
  change: (ratio: number) => string
  /** A duration in the largest unit that is precise enough: `45 seconds`, `3 hours`, `2 days`. */
  span: (milliseconds: number) => string
  /** How long ago: `45 seconds ago`, `2 days ago`. */
  ago: (milliseconds: number) => string
  /** `1.5 MB` */
  bytes: (bytes: number) => string
  /** `a, b and c` */
  list: (items: readonly string[]) => string
  /** `Mon` or `Monday`. @param day from 0, which is Monday */
  weekday: (day: number, width: 'short' | 'long') => string
}

const A_MONDAY = Date.UTC(2024, 0, 1)

const made = new Map<Language, Formats>()

/** The formats of a language. */
export function formatsOf(language: Language): Formats {
  let formats = made.get(language)
  if (!formats) {
    formats = makeFormats(LANGUAGES[language].locale)
    made.set(language, formats)
  }
  return formats
}

function makeFormats(locale: string): Formats {
  // Each is made when it is first needed, as that takes longer than using it.
  const numbers = (options: Intl.NumberFormatOptions = {}) => {
    let format: Intl.NumberFormat | undefined
    return (value: number) => (format ??= new Intl.NumberFormat(locale, options)).format(value)
  }
  const percent = (digits: number, options: Intl.NumberFormatOptions = {}) =>
    numbers({
      style: 'percent',
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
      ...options,
    })
  const [usual, small] = [percent(1), percent(2)]
  const spans = Object.fromEntries(
    UNITS.map(([, unit]) => [unit, numbers({ style: 'unit', unit, unitDisplay: 'long' })]),
  )
  const sizes = SIZES.map(([bytes, unit]) => {
    const options = { style: 'unit', unit, maximumFractionDigits: 1 } as const
    return { bytes, format: numbers(options) }
  })
  let relative: Intl.RelativeTimeFormat | undefined
  let lists: Intl.ListFormat | undefined
  return {
    number: numbers(),
    plain: numbers({ useGrouping: false, maximumFractionDigits: 6 }),
    compact: numbers({ notation: 'compact', maximumFractionDigits: 1 }),
    rate: (rate) => (rate !== 0 && Math.abs(rate) < 0.01 ? small(rate) : usual(rate)),
    points: (
      (format) => (difference: number) =>
        format(difference * 100)
    )(numbers({ signDisplay: 'exceptZero', minimumFractionDigits: 2, maximumFractionDigits: 2 })),
    change: percent(0, { signDisplay: 'exceptZero' }),
    span: (milliseconds) => {
      const { count, unit } = toUnit(milliseconds)
      return spans[unit]?.(count) ?? ''
    },
    ago: (milliseconds) => {
      const { count, unit } = toUnit(milliseconds)
      relative ??= new Intl.RelativeTimeFormat(locale)
      return relative.format(-count, unit)
    },
    bytes: (value) => {
      const size = sizes.find(({ bytes }) => value >= bytes) ?? sizes.at(-1)
      return size?.format(value / size.bytes) ?? ''
    },
    list: (items) => (lists ??= new Intl.ListFormat(locale)).format(items),
    weekday: (day, width) =>
      new Intl.DateTimeFormat(locale, { weekday: width, timeZone: 'UTC' }).format(
        A_MONDAY + day * DAY_MS,
      ),
  }
}

// The least number of a unit that is precise enough.
const UNITS = [
  [DAY_MS, 'day', 2],
  [HOUR_MS, 'hour', 2],
  [MINUTE_MS, 'minute', 1],
  [1000, 'second', 0],
] as const

const SIZES = [
  [1e9, 'gigabyte'],
  [1e6, 'megabyte'],
  [1e3, 'kilobyte'],
  [1, 'byte'],
] as const

function toUnit(milliseconds: number) {
  const [ms, unit] = UNITS.find(([size, , least]) => milliseconds >= size * least) ?? UNITS[3]
  return { count: Math.floor(milliseconds / ms), unit }
}

/** Formats times (UTC milliseconds) in a time zone and a language. */
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
export function clockOf(zone: string, language: Language = 'en'): Clock {
  const key = `${language} ${zone}`
  let clock = clocks.get(key)
  if (!clock) {
    if (clocks.size >= MAX_CLOCKS) clocks.clear()
    clock = makeClock(zone, language)
    clocks.set(key, clock)
  }
  return clock
}

function makeClock(timeZone: string, language: Language): Clock {
  const formatter = (
    options: Intl.DateTimeFormatOptions,
    locale: string = LANGUAGES[language].locale,
  ) => {
    let format: Intl.DateTimeFormat | undefined
    return (time: number) => {
      format ??= new Intl.DateTimeFormat(locale, { timeZone, hourCycle: 'h23', ...options })
      return format.format(time)
    }
  }
  const [day, hour] = [
    { day: 'numeric', month: 'short' },
    { hour: '2-digit', minute: '2-digit' },
  ] as const
  const field = formatter({ dateStyle: 'short', timeStyle: 'short' }, 'sv-SE')
  return {
    zone: timeZone,
    name: nameZone(timeZone, language),
    exact: formatter({ ...day, year: 'numeric', ...hour, second: '2-digit' }),
    minute: formatter({ ...day, ...hour }),
    hour: formatter(hour),
    day: formatter(day),
    date: formatter({ weekday: 'short', ...day, year: 'numeric' }),
    field: (time) => field(time).replace(' ', 'T'),
  }
}
