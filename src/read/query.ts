import * as z from 'zod'
import { toUtc } from '../activity/clock.ts'
import { Refusal } from '../refusal.ts'
import { parsePosition } from './position.ts'

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 500
const MAX_TIME = 8_640_000_000_000_000 // what a Date can hold

const list = z
  .string()
  .transform((text) => text.split(',').map((item) => item.trim()))
  .refine((items) => !items.includes(''), 'has to be a comma-separated list without empty places')

const integer = z
  .string()
  .regex(/^-?\d{1,19}$/, { error: 'has to be a whole number', abort: true })
  .refine((text) => BigInt.asIntN(64, BigInt(text)) === BigInt(text), 'has to be below 2^63')

const limit = z
  .string()
  .transform((text) => (/^\d+$/.test(text) ? Number(text) : 0))
  .refine(
    (rows) => rows >= 1 && rows <= MAX_LIMIT,
    `has to be a whole number from 1 to ${MAX_LIMIT}`,
  )

const cursor = z.string().transform((text, context) => {
  const position = parsePosition(text)
  if (!position) context.addIssue('has to be the "next" of the page before, as it came')
  return position
})

function time(zone: string) {
  return z.string().transform((text, context) => {
    // In a URL a bare "+" is a space.
    const iso = text.replace(/ (\d\d:?\d\d)$/, '+$1').replace(/^(\d{4}-\d\d-\d\d)$/, '$1T00:00')
    const milliseconds = /^-?\d{1,16}$/.test(text) ? Number(text) : toUtc(iso, zone)
    if (milliseconds === undefined || Math.abs(milliseconds) > MAX_TIME) {
      context.addIssue('has to be a time such as 2023-09-14T08:30:03Z, or milliseconds since 1970')
    }
    return milliseconds
  })
}

function querySchema(zone: string) {
  return z.strictObject({
    activityStatus: list.optional(),
    mediaType: list.optional(),
    contactId: integer.optional(),
    since: time(zone).optional(),
    until: time(zone).optional(),
    limit: limit.default(DEFAULT_LIMIT),
    cursor: cursor.optional(),
  })
}

/** What `GET /activity` is asked for. */
export type ActivityQuery = z.output<ReturnType<typeof querySchema>>

/**
 * Reads the parameters of `GET /activity`.
 *
 * @param zone of times that carry none, an IANA name
 * @throws Refusal 400 `invalid_parameter` that names the one which is unknown, repeated or wrong
 */
export function parseQuery(parameters: URLSearchParams, zone: string): ActivityQuery {
  const names = [...parameters.keys()]
  const repeated = names.find((name, place) => names.indexOf(name) !== place)
  if (repeated !== undefined) throw invalid(repeated, 'is given more than once')
  const schema = querySchema(zone)
  const result = schema.safeParse(Object.fromEntries(parameters))
  if (result.success) return result.data
  const [issue] = result.error.issues
  if (issue?.code === 'unrecognized_keys') {
    const known = Object.keys(schema.shape).join(', ')
    throw invalid(issue.keys[0] ?? '', `is not known here; known are ${known}`)
  }
  throw invalid(String(issue?.path[0]), issue?.message ?? 'is wrong')
}

function invalid(parameter: string, message: string): Refusal {
  return new Refusal(400, 'invalid_parameter', `The parameter ${parameter} ${message}.`, {
    details: { parameter },
  })
}
