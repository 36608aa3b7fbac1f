import * as z from 'zod'
import { readStatus } from '../event/certain.ts'
import { toUtc } from '../event/clock.ts'
import { isIdentifierName, readIdentifiers } from '../event/identifier.ts'
import { FILTERS, type FilterName } from '../event/parameters.ts'
import type { Filter } from '../db/events/filter.ts'
import { parseCursor } from './cursor.ts'

const [MIN_TIME, MAX_TIME] = [Date.parse('0001-01-03T00:00Z'), Date.parse('9999-12-29T00:00Z')]
const MAX_TEXT = 2_000

/** Text that is compared verbatim. */
export const text = z
  .string()
  .min(1, 'must not be empty')
  .max(MAX_TEXT, `must have at most ${MAX_TEXT} characters`)

/** One or several values, comma-separated. */
export const list = text
  .transform((items) => items.split(',').map((item) => item.trim()))
  .refine((items) => !items.includes(''), 'must be a comma-separated list without empty items')

/** One or several of some names, comma-separated. */
export function someOf<Name extends string>(names: readonly Name[]) {
  return list.transform((items, context): Name[] => {
    const known = items.flatMap((item) => names.find((name) => name === item) ?? [])
    if (known.length < items.length) {
      context.addIssue(`must be one or several of ${names.join(', ')}, comma-separated`)
    }
    return known
  })
}

const MAX_SEARCH = 200

/** Text that is searched for. */
export const searched = text.max(MAX_SEARCH, `must have at most ${MAX_SEARCH} characters`)

/** The least volume of a line. */
export const volume = z
  .string()
  .regex(/^\d{1,9}$/, 'must be a whole number')
  .transform(Number)

/** Decimal digits of an integer that fits into SQLite. */
export const integer = z
  .string()
  .regex(/^-?\d{1,19}$/, { error: 'must be a whole number', abort: true })
  .refine((digits) => BigInt.asIntN(64, BigInt(digits)) === BigInt(digits), 'must be below 2^63')

/** One or several integers, comma-separated. */
const integers = list.superRefine((items, context) => {
  for (const item of items) {
    const { error } = integer.safeParse(item)
    if (error) context.addIssue(error.issues[0]?.message ?? '')
  }
})

const booleans = list.refine(
  (items) => items.every((item) => item === 'true' || item === 'false'),
  'must be true or false',
)

/** The maximum number of items in a response. */
export function limit(max: number, defaultLimit: number) {
  return z
    .string()
    .transform((digits) => (/^\d+$/.test(digits) ? Number(digits) : 0))
    .refine((items) => items >= 1 && items <= max, `must be a whole number from 1 to ${max}`)
    .default(defaultLimit)
    .meta({ description: `Maximum number of items, 1 to ${max}.` })
}

/** The key of an event, after which a page starts. */
export const cursor = z
  .string()
  .transform((cursor, context) => {
    const key = parseCursor(cursor)
    if (!key) context.addIssue('must be the `next` value of the previous page')
    return key
  })
  .meta({ description: 'The `next` of the previous page.' })

/** A cursor of sort keys. @param make is given the groups of the pattern */
export function cursorOf<Key>(pattern: RegExp, make: (groups: readonly string[]) => Key) {
  return z.string().transform((cursor, context): Key => {
    const [, ...groups] = pattern.exec(cursor) ?? []
    if (groups.length > 0) return make(groups)
    context.addIssue('must be the `next` value of the previous page')
    return z.NEVER
  })
}

const MAX_ZONES = 50

/**
 * A schema that depends on the zone (an IANA name) of times without one. It is made when it is first needed: that takes
 * longer than reading a query with it.
 */
export function perZone<Schema>(make: (zone: string) => Schema): (zone: string) => Schema {
  const known = new Map<string, Schema>()
  return (zone) => {
    let schema = known.get(zone)
    if (schema === undefined) {
      schema = make(zone)
      if (known.size >= MAX_ZONES) known.clear()
      known.set(zone, schema)
    }
    return schema
  }
}

/** An offset after a time whose "+" has become a space, as in a URL. */
const BARE_OFFSET = /(:\d\d(?:[.,]\d{1,9})?) (\d\d(?::?\d\d)?)$/
const DAY = /^\d{4}-\d\d-\d\d$/

/**
 * A moment as UTC milliseconds; without a zone of its own, it is in `zone`. Digits alone mean the same as in `toUtc`,
 * or 0; other numbers might be dates without dashes.
 */
function time(zone: string) {
  return z.string().transform((text, context) => {
    const trimmed = text.trim()
    const iso = DAY.test(trimmed) ? `${trimmed}T00:00` : trimmed.replace(BARE_OFFSET, '$1+$2')
    const milliseconds = trimmed === '0' ? 0 : toUtc(iso, zone)
    if (milliseconds === undefined || milliseconds < MIN_TIME || milliseconds > MAX_TIME) {
      context.addIssue(
        'must be a time such as 2023-09-14T08:30:03Z, a day such as 2023-09-14, or milliseconds (13 digits) or seconds (10 digits) since 1970',
      )
      return z.NEVER
    }
    return milliseconds
  })
}

/** A period; both ends are optional. */
export function period(zone: string) {
  const form =
    'ISO 8601, or milliseconds (13 digits) or seconds (10 digits) since 1970; without a zone, in YESPO_TIME_ZONE.'
  return {
    since: time(zone)
      .optional()
      .meta({ description: `Start, included: ${form}` }),
    until: time(zone)
      .optional()
      .meta({ description: `End, not included: ${form}` }),
  }
}

const label = text
  .transform((label) => label.split(/:\s*(.*)/s))
  .refine(([name, value]) => name && value !== undefined, 'must be a name and a value, Name:value')
  .meta({ description: 'A header named in `LABEL_HEADERS`, with its value: `X-Shop:one`.' })

/** An identifier of a contact, in all its possible readings: see `readIdentifiers`. */
export function identifier(name: string) {
  return text.transform((value) => readIdentifiers(name, value))
}

function fieldOf({ name, type, filter }: (typeof FILTERS)[number]): z.ZodType<string | string[]> {
  if (isIdentifierName(name)) return identifier(name)
  if (name === 'activityStatus') return list.transform((statuses) => statuses.map(readStatus))
  if (type === 'int') return integers
  if (type === 'bool') return booleans
  return filter === 'list' ? list : text
}

/** The fields to filter events by: Yespo's parameters, labels and origin. */
export function filterFields() {
  const fields = FILTERS.map((parameter) => {
    const many = parameter.filter === 'list' ? ' One or several, comma-separated.' : ''
    const described = { description: `${parameter.meaning}.${many}` }
    return [parameter.name, fieldOf(parameter).optional().meta(described)]
  })
  return {
    ...(Object.fromEntries(fields) as Record<
      FilterName,
      z.ZodOptional<z.ZodType<string | string[]>>
    >),
    label: label.optional(),
    origin: z
      .enum(['webhook', 'api'], { error: 'must be webhook or api' })
      .optional()
      .meta({ description: 'What confirmed it first: `api` for what the webhook missed.' }),
  }
}

type FilterValues = { [Name in FilterName]?: string | string[] | undefined } & {
  label?: string[] | undefined
  origin?: Filter['origin']
  since?: number | undefined
  until?: number | undefined
}

/** The filter of a query. */
export function toFilter({ label: pair, origin, since, until, ...values }: FilterValues): Filter {
  const entries = Object.entries(values).filter(([, entry]) => entry !== undefined)
  const [name, value] = pair ?? []
  return {
    parameters: Object.fromEntries(entries.map(([key, entry]) => [key, [entry ?? []].flat()])),
    labels: name !== undefined && value !== undefined ? { [name]: value } : {},
    origin,
    since,
    until,
  }
}
