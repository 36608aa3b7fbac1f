import { API_NAMES } from './api-row.ts'
import { toCanonical, toSet } from './canonical-value.ts'
import { lettersOf, readMeaning, readStatus, STATUSES } from './certain.ts'
import { IDENTIFIERS, normalizeIdentifier } from './identifier.ts'
import { PARAMETERS, type ParameterName } from './parameters.ts'

type Spell = (value: unknown) => unknown

/** How the meaning of some parameters is spelled; for all others `toCanonical` does it. */
const SPELLINGS: { readonly [Name in ParameterName]?: Spell } = {
  ...Object.fromEntries(IDENTIFIERS.map((name) => [name, asIdentifier(name)])),
  activityStatus: ofText((text) => lettersOf(text) || text),
  messageTag: asList,
  subscriptions: asList,
}

const TIME: ParameterName = 'activityDateTime'

/** The documented parameters in the order of their names, except the time, which is in `occurredAt`. */
const DOCUMENTED: ReadonlyMap<string, Spell> = new Map(
  PARAMETERS.filter(({ name }) => name !== TIME)
    .map(({ name }): [string, Spell] => {
      const canonical = SPELLINGS[name] ?? toCanonical
      return [name, (value) => canonical(readMeaning(name, value) ?? value)]
    })
    .sort(byName),
)

/**
 * The whole meaning of an event, as a text that is the same however it is spelled, by whichever webhook it came,
 * and if it came from Yespo's API (see `withoutExtras`): the moment, and the other parameters by name and in the
 * order of their names. Null, an empty text and an empty list count as absent. The text stays the same when a
 * parameter is documented later.
 */
export function writeMeaning(event: object, occurredAt: number): string {
  return JSON.stringify([occurredAt, listMembers(event)]).normalize()
}

const KNOWN_STATUSES: ReadonlySet<string> = new Set(STATUSES)

/**
 * What all events with the same meaning share, and few others of a body: status, contact, delivery and link. Takes a
 * fraction of the time of `writeMeaning`, and an event whose numbers have lost digits.
 */
export function writeOutline(event: object): string {
  const {
    activityStatus: status,
    contactId,
    iid,
    clickEventLink,
  } = event as Record<string, unknown>
  const isKnown = typeof status === 'string' && KNOWN_STATUSES.has(status)
  const known = isKnown ? status : readStatus(canonicalText('activityStatus', status))
  const texts = [
    textOf('contactId', contactId),
    textOf('iid', iid),
    textOf('clickEventLink', clickEventLink),
  ]
  return `${known} ${texts.join(' ')}`.normalize()
}

/** A parameter as a text; a number is rounded to what JavaScript can hold, whether it comes as a number or as text. */
function textOf(name: ParameterName, value: unknown): string {
  if (typeof value === 'number') return String(value)
  const isPlain = typeof value === 'string' && name !== 'contactId'
  const text = isPlain ? value.trim() : canonicalText(name, value)
  const number = text === '' ? NaN : Number(text)
  return Number.isNaN(number) ? text : String(number)
}

function canonicalText(name: ParameterName, value: unknown): string {
  const canonical = DOCUMENTED.get(name)?.(value)
  return typeof canonical === 'string' ? canonical : ''
}

type Member = readonly [name: string, value: unknown]

/** The parameters of an event that are not empty, without its time, in one spelling and the order of names. */
export function listMembers(event: object): Member[] {
  const parameters = event as Record<string, unknown>
  const members: Member[] = []
  for (const [name, canonical] of DOCUMENTED) {
    if ((parameters[name] ?? '') === '') continue
    const value = canonical(parameters[name])
    if (!isEmpty(value)) members.push([name, value])
  }
  const others = listOthers(parameters)
  return others.length > 0 ? [...members, ...others].sort(byName) : members
}

/** Undocumented parameters, by the webhook's names. */
function listOthers(parameters: Readonly<Record<string, unknown>>): Member[] {
  const others: Member[] = []
  for (const name of Object.keys(parameters)) {
    if (DOCUMENTED.has(name) || name === TIME) continue
    const known = API_NAMES.get(name) ?? name
    const canonical = DOCUMENTED.get(known) ?? toCanonical
    const value = canonical(parameters[name])
    const other = known === name ? undefined : canonical(parameters[known])
    // The same value under both names counts once.
    if (!isEmpty(value) && value !== other) others.push([isEmpty(other) ? known : name, value])
  }
  return others
}

/** @param write for a trimmed text; other values have one spelling already */
function ofText(write: (text: string) => string): Spell {
  return (value) => {
    const canonical = toCanonical(value)
    return typeof canonical === 'string' ? write(canonical) : canonical
  }
}

/** An identifier of a contact as it is looked up; a placeholder as it is. */
function asIdentifier(name: string): Spell {
  return ofText((text) => normalizeIdentifier(name, text) ?? text)
}

/** A list of keys as a set: an array of texts, or one text with commas. */
function asList(value: unknown): unknown {
  const canonical = toCanonical(value)
  if (typeof canonical === 'string') return toSet(canonical.split(','))
  const isList = Array.isArray(canonical) && canonical.every((each) => typeof each === 'string')
  return isList ? toSet(canonical) : canonical
}

function isEmpty(value: unknown): boolean {
  if (typeof value !== 'object') return value === undefined || value === ''
  return value === null || Object.keys(value).length === 0
}

function byName([one]: Member, [other]: Member): number {
  return one < other ? -1 : one > other ? 1 : 0
}
