import { canonicalChannel } from './channel.ts'
import { DOCUMENTED_STATUSES } from './certain.ts'
import { API_EXTRAS } from './api-row.ts'
import { PARAMETERS, type ParameterName, type TypeName } from './parameters.ts'

/** The kinds of undocumented things in events. */
export const KINDS = ['parameter', 'type', 'status', 'channel'] as const

/**
 * Something undocumented in an event. `name` is empty if it may be personal data, as the sender chooses it;
 * for a type, `detail` says which one came instead, and whether it could be read.
 */
export type Unexpected = { kind: (typeof KINDS)[number]; name: string; detail: string }

const TYPES: ReadonlyMap<string, TypeName> = new Map(
  PARAMETERS.map(({ name, type }) => [name, type]),
)

const TIME: ParameterName = 'activityDateTime'

const JSON_TYPES: Readonly<Record<TypeName, string>> = {
  string: 'text',
  int: 'a number',
  bool: 'true or false',
  'array of strings': 'a list',
}

const STATUSES: ReadonlySet<unknown> = new Set(DOCUMENTED_STATUSES)

const CHANNELS: ReadonlySet<string> = new Set([
  'email',
  'sms',
  'viber',
  'webpush',
  'mobilepush',
  'appinbox',
  'widget',
  'inapp',
  'telegram',
])

/** Whether Yespo documents a channel. @param channel in its canonical spelling */
export function isKnownChannel(channel: string): boolean {
  return CHANNELS.has(channel)
}

const MAX_EXTRA = 20_000 // characters: a longer text takes too long to read for each event

const WORD = /^[a-z][a-z_]{0,39}\d{0,2}$/i
const show = (name: string) => (WORD.test(name) ? name : '')

/**
 * Everything undocumented in an event.
 *
 * @param valueOf the meaning of a parameter
 * @param extra parameters that were sent besides, or with another value: the text of a JSON object
 */
export function findUnexpected(
  valueOf: (name: ParameterName) => unknown,
  extra: unknown,
): Unexpected[] {
  const members = typeof extra === 'string' && extra.length <= MAX_EXTRA ? parse(extra) : new Map()
  const found = [
    ...findStatus(valueOf('activityStatus')),
    // Its canonical spelling looks like a word even if it was an address.
    ...findChannel(valueOf('mediaType'), members.get('mediaType') ?? valueOf('mediaType')),
  ]
  for (const [name, value] of members) {
    const type = TYPES.get(name)
    if (type !== undefined)
      found.push(...findType(name, type, value, valueOf(name as ParameterName)))
    else if (!API_EXTRAS.has(name)) {
      found.push({ kind: 'parameter', name: show(name), detail: '' })
    }
  }
  return found
}

function parse(extra: string): Map<string, unknown> {
  return new Map(Object.entries(JSON.parse(extra) as object))
}

function findStatus(status: unknown): Unexpected[] {
  if (typeof status !== 'string' || STATUSES.has(status)) return []
  return [{ kind: 'status', name: show(status), detail: '' }]
}

function findChannel(mediaType: unknown, sent: unknown): Unexpected[] {
  const channel = typeof mediaType === 'string' ? canonicalChannel(mediaType) : ''
  if (channel === '' || isKnownChannel(channel)) return []
  const isWords = typeof sent === 'string' && /^[\w -]+$/.test(sent)
  return [{ kind: 'channel', name: isWords ? show(channel) : '', detail: '' }]
}

/** Finds nothing if a value has the documented type, and only another spelling. */
function findType(name: string, type: TypeName, value: unknown, meaning: unknown): Unexpected[] {
  // An event's time can always be read.
  const isRead = name === TIME || (meaning !== undefined && meaning !== null)
  const actual = typeOf(value)
  if (actual === JSON_TYPES[type] && isRead) return []
  return [{ kind: 'type', name, detail: `${actual}, ${isRead ? 'read' : 'not read'}` }]
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return JSON_TYPES['array of strings']
  if (typeof value === 'string') return JSON_TYPES.string
  if (typeof value === 'number') return JSON_TYPES.int
  return typeof value === 'boolean' ? JSON_TYPES.bool : 'an object'
}
