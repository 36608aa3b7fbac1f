import { API_NAMES } from './api-row.ts'
import { toCanonical, toSet } from './canonical-value.ts'
import { lettersOf, readMeaning } from './certain.ts'
import { IDENTIFIERS, normalizeIdentifier } from './identifier.ts'
import { PARAMETERS, type ParameterName } from './parameters.ts'

type Spell = (value: unknown) => unknown

/** How what some parameters mean is spelled; what all others do is as `toCanonical` has it. */
const SPELLINGS: { readonly [Name in ParameterName]?: Spell } = {
  ...Object.fromEntries(IDENTIFIERS.map((name) => [name, asIdentifier(name)])),
  activityStatus: ofText((text) => lettersOf(text) || text),
  messageTag: asList,
  subscriptions: asList,
}

const TIME: ParameterName = 'activityDateTime'

/** The documented parameters in the order of their names. The time is not among them: the moment tells it. */
const DOCUMENTED: ReadonlyMap<string, Spell> = new Map(
  PARAMETERS.filter(({ name }) => name !== TIME)
    .map(({ name }): [string, Spell] => {
      const spell = SPELLINGS[name] ?? toCanonical
      return [name, (value) => spell(readMeaning(name, value) ?? value)]
    })
    .sort(byName),
)

/**
 * All that an event means, as a text that is the same however it is spelled, by whichever webhook it came,
 * and if Yespo's API tells of it (see `withoutExtras`): the moment, and the other parameters by name and in the order of their
 * names. Null, an empty text and an empty list count as absent. A parameter that becomes a documented one
 * later changes no text.
 */
export function writeMeaning(event: object, occurredAt: number): string {
  return JSON.stringify([occurredAt, listMembers(event)]).normalize()
}

type Member = readonly [name: string, value: unknown]

/** The parameters of an event that say something, without its time, in one spelling and the order of names. */
export function listMembers(event: object): Member[] {
  const given = event as Record<string, unknown>
  const members: Member[] = []
  for (const [name, spell] of DOCUMENTED) {
    if ((given[name] ?? '') === '') continue
    const value = spell(given[name])
    if (!isEmpty(value)) members.push([name, value])
  }
  const others = listOthers(given)
  return others.length > 0 ? [...members, ...others].sort(byName) : members
}

/** What nobody documented, by the webhook's name for it. */
function listOthers(given: Readonly<Record<string, unknown>>): Member[] {
  const others: Member[] = []
  for (const name of Object.keys(given)) {
    if (DOCUMENTED.has(name) || name === TIME) continue
    const known = API_NAMES.get(name) ?? name
    const spell = DOCUMENTED.get(known) ?? toCanonical
    const value = spell(given[name])
    const other = known === name ? undefined : spell(given[known])
    // The same under both names is said once.
    if (!isEmpty(value) && value !== other) others.push([isEmpty(other) ? known : name, value])
  }
  return others
}

/** @param spell from a text without blanks around it; what is no text has one spelling already */
function ofText(spell: (text: string) => string): Spell {
  return (value) => {
    const canonical = toCanonical(value)
    return typeof canonical === 'string' ? spell(canonical) : canonical
  }
}

/** What the contact is known by, as it is looked up; of what identifies nobody, the text. */
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
