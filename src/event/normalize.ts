import { shorten } from '../platform/cut-text.ts'
import { fitColumn, readMeaning } from './certain.ts'
import { toUtc } from './clock.ts'
import { isExactNumber } from './exact-number.ts'
import type { Identify } from './identity.ts'
import type { ParameterName, Parameters } from './parameters.ts'

/** One event, as everything behind the edge handles it. */
export type Activity = {
  /** Identifies the event: see identity.ts. Unique together with `occurredAt`. */
  id: string
  /** When it happened: UTC milliseconds. */
  occurredAt: number
  /** Documented parameters, in their documented type. */
  parameters: Parameters
  /** All that was sent and is not in `parameters` unchanged, as the text of a JSON object; null if there is nothing. */
  extra: string | null
}

/** One element of a body: an event, or the reason why it is not one. */
export type Normalized = { activity: Activity } | { reason: string }

/** SQLite calls JSON nested deeper than 1,000 levels malformed; `extra` itself is the first. */
export const MAX_DEPTH = 1_000 - 1

// Of a parameter's name in a reason, which is stored with every part of a quarantined item.
const MAX_SHOWN_LENGTH = 100

/**
 * Turns one element of a body into an event without losing anything: an undocumented parameter goes to `extra`,
 * and so does a documented one whose value has another type. If the meaning of such a value is certain, it is
 * among the parameters as well: what was sent is the parameters, overwritten by those of `extra`. Null counts as
 * absent.
 *
 * @param identify see `createIdentifier`
 * @param zone of times that carry none, an IANA name
 */
export function normalize(element: unknown, identify: Identify, zone: string): Normalized {
  if (typeOf(element) !== 'an object') {
    return { reason: `the element is ${typeOf(element)}; an event is an object` }
  }
  const event = element as Record<string, unknown>
  const parameters: Record<string, unknown> = {}
  const extras: string[] = []
  for (const name of Object.keys(event)) {
    const value = event[name]
    if (value === null) continue
    const obstacle = findObstacle(name, value)
    if (obstacle) return { reason: obstacle }
    const meaning = fitColumn(name, readMeaning(name, value))
    if (meaning !== undefined) parameters[name] = meaning
    if (meaning !== value) extras.push(`${JSON.stringify(name)}:${JSON.stringify(value)}`)
  }
  const { activityStatus } = parameters as Parameters
  if (activityStatus === undefined) return { reason: missing('activityStatus', event) }
  if (activityStatus.trim() === '') return { reason: 'activityStatus is empty' }
  const occurredAt = toUtc(event['activityDateTime'], zone)
  if (occurredAt === undefined) return { reason: noTime(event['activityDateTime']) }
  return {
    activity: {
      id: identify(event, occurredAt),
      occurredAt,
      parameters,
      extra: extras.length > 0 ? `{${extras.join(',')}}` : null,
    },
  }
}

function noTime(value: unknown): string {
  if (value === undefined || value === null) return 'activityDateTime is missing'
  const expected = 'expected one like 2023-09-14T08:30:03, or milliseconds since 1970'
  return typeof value === 'string' || typeOf(value) === 'a number'
    ? `activityDateTime is not a date and time that exists; ${expected}`
    : `activityDateTime is ${typeOf(value)}; ${expected}`
}

function missing(name: ParameterName, event: Record<string, unknown>): string {
  const value = event[name]
  return value === undefined || value === null
    ? `${name} is missing`
    : `${name} is ${typeOf(value)}; expected a string`
}

/** Why a parameter cannot be stored faithfully, if it cannot. */
function findObstacle(parameter: string, value: unknown): string | undefined {
  if (!parameter.isWellFormed()) return 'the name of a parameter contains broken Unicode text'
  if (typeof value === 'string') {
    return value.isWellFormed() ? undefined : `${showName(parameter)} contains broken Unicode text`
  }
  if (typeof value !== 'object' || value === null) return undefined
  const name = showName(parameter)
  if (isDeeperThan(MAX_DEPTH, value)) return `${name} is nested deeper than ${MAX_DEPTH} levels`
  return isWellFormed(value) ? undefined : `${name} contains broken Unicode text`
}

/** The name of a parameter in a reason, shortened if it is long. */
export function showName(parameter: string): string {
  return shorten(parameter, MAX_SHOWN_LENGTH).toWellFormed()
}

/** Whether a value has more levels of arrays and objects. Never recurses further. */
export function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null || isExactNumber(value)) return false
  if (levels === 0) return true
  const members: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
  return members.some((member) => isDeeperThan(levels - 1, member))
}

function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.every(isWellFormed)
  return Object.entries(value).every(([key, member]) => key.isWellFormed() && isWellFormed(member))
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object') return isExactNumber(value) ? 'a number' : 'an object'
  return `a ${typeof value}`
}
