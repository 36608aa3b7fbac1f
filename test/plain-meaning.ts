import { rebuild } from './rebuild.ts'
import type { Responded } from './receiver.ts'

const STATUSES = [
  'SENT',
  'DELIVERED',
  'UNDELIVERED',
  'READ',
  'UNSUBSCRIBED',
  'CLICKED',
  'SPAM',
  'SUBSCRIPTION_CHANGED',
  'RECEIVED',
  'PUSH_SUBSCRIBED',
]

const INTEGERS = ['contactId', 'messageId', 'messageInstanceId', 'broadcastId', 'workflowId']

const ADDRESSES: Readonly<Record<string, string>> = {
  email: 'email',
  sms: 'sms',
  viber: 'sms',
  webpush: 'webpush',
  mobilepush: 'mobilepush',
  appinbox: 'mobilepush',
  inapp: 'mobilepush',
}

/** An event as its sender meant it, whatever the types of its values. */
type InterpretedEvent = { id: string; occurredAt: number; channel: string | undefined } & Record<
  string,
  unknown
>

/** Interprets the sent element independently of the receiver's code. */
export function interpret(response: Responded): InterpretedEvent {
  const { id, occurredAt } = response
  const sent = rebuild(response)
  const event: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(sent)) {
    if (INTEGERS.includes(name))
      event[name] = /^\s*-?\d+\s*$/.test(String(value)) ? Number(value) : undefined
    else if (name === 'hardBounce') event[name] = readTruth(value)
    else if (name === 'activityStatus') event[name] = readStatus(String(value))
    else event[name] = typeof value === 'number' ? String(value) : value
  }
  const { mediaType } = event
  const channel = typeof mediaType === 'string' ? canonicalChannel(mediaType) : undefined
  return { ...event, id, occurredAt, channel, sentContactId: sent['contactId'] }
}

function readStatus(text: string): string {
  const status = text.trim().toUpperCase().replaceAll(' ', '_')
  return STATUSES.includes(status) ? status : text
}

function readTruth(value: unknown): boolean | undefined {
  const text = String(value).trim().toLowerCase()
  if (['true', '1'].includes(text)) return true
  return ['false', '0'].includes(text) ? false : undefined
}

/** The canonical spelling of a channel. */
export const canonicalChannel = (text: string) =>
  text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')

/** A normalized identifier, of the kinds that tests use; undefined for a placeholder. */
export function normalizedIdentifier(name: string, value: string): string | undefined {
  const text = value.trim()
  if (name === 'email') return text.includes('@') ? text.normalize('NFKC').toLowerCase() : undefined
  if (name === 'sms') {
    const digits = text.replaceAll(/\D/g, '').replace(/^00/, '')
    return /^0\d{9}$/.test(digits) ? `38${digits}` : digits.length < 5 ? undefined : digits
  }
  return /[\p{L}\p{N}]/u.test(text) ? text : undefined
}

const ANY = ['email', 'sms', 'webpush', 'mobilepush']

/** The address of a suppression: the channel's, or the only one; any, if nothing else identifies the contact. */
export function suppressedAddress(event: InterpretedEvent): [address: unknown, type: unknown] {
  const own = ADDRESSES[event.channel ?? '']
  const has = (name: string) => normalizedIdentifier(name, String(event[name] ?? '')) !== undefined
  if (own !== undefined && has(own)) return [String(event[own]).trim(), own]
  const present = ANY.filter(has)
  const isNamed = event['contactId'] !== undefined || has('externalCustomerId')
  const [first] = present
  const { sentContactId } = event
  if (first === undefined && !isNamed && typeof sentContactId === 'string') {
    return [sentContactId.trim(), 'contactId']
  }
  if (first === undefined || (isNamed && (own !== undefined || present.length > 1)))
    return [null, null]
  return [String(event[first]).trim(), first]
}
