import { CAUSES, type CauseName } from '../event/bounce/causes.ts'
import type { EventKey } from '../db/stored-event.ts'
import { shorten } from '../platform/cut-text.ts'
import { formatCount } from '../language/format.ts'
import type { Block, Bounce, ChannelExplanation, LastMessage, Message } from './explanation.ts'

/** A sentence, and the event that it is about. */
export type Sentence = { text: string; event: EventKey | null }

/** How a sentence writes a time. */
type WriteTime = (time: number) => string

/** The longest text of a sender, server or link in a sentence: characters. */
const MAX_TEXT = 300

const CHANNELS: Readonly<Record<string, string>> = {
  sms: 'SMS',
  viber: 'Viber',
  webpush: 'web push',
  mobilepush: 'mobile push',
  appinbox: 'App Inbox',
  inapp: 'in-app message',
}

const NO_REASON = 'hard bounce, spam complaint or unsubscribe'

/** The name of a channel within a sentence. */
export function channelName(mediaType: string | null): string {
  if (mediaType === null) return 'unknown channel'
  return Object.hasOwn(CHANNELS, mediaType) ? (CHANNELS[mediaType] ?? '') : shorten(mediaType, 60)
}

/**
 * A channel in plain sentences: whether the contact may be contacted, and the last message.
 *
 * @param checked the events that were checked, for `Only … were checked`; undefined if all were
 */
export function describeChannel(
  channel: ChannelExplanation,
  checked: string | undefined,
  at: WriteTime,
): Sentence[] {
  const last = channel.lastMessage
  return [
    ...describeVerdict(channel, checked, at),
    last
      ? { text: describeLast(last, at), event: last.event }
      : { text: 'No message on record.', event: null },
  ]
}

function describeVerdict(
  { mediaType, verdict, blocks, addresses }: ChannelExplanation,
  checked: string | undefined,
  at: WriteTime,
): Sentence[] {
  const name = channelName(mediaType)
  const by = mediaType === null ? `(${name})` : `by ${name}`
  const blocked = blocks.map((block) => ({
    text: describeBlock(block, by, at),
    event: block.event,
  }))
  switch (verdict) {
    case 'ok':
      return [{ text: `OK to contact ${by}: no ${NO_REASON} on record.`, event: null }]
    case 'unknown':
      return [
        {
          text: `Only ${checked ?? 'some events'} were checked, with no ${NO_REASON} ${by}.`,
          event: null,
        },
      ]
    case 'partly': {
      const others = addresses.filter(({ mayContact }) => mayContact)
      const listed = shorten(others.map(({ address }) => address).join(', '), MAX_TEXT)
      return [...blocked, { text: `OK to contact ${by} at ${listed}.`, event: null }]
    }
    case 'blocked':
      return blocked
  }
}

function describeBlock(block: Block, by: string, at: WriteTime): string {
  const { reason, address, since, lastAt, cause, statusDescription, message, deliveredAfter } =
    block
  const first = since < lastAt ? `, first on ${at(since)}` : ''
  const subject = address === null ? '' : ` ${shorten(address, MAX_TEXT)}`
  const of = nameOf(message)
  const why =
    reason === 'HARD_BOUNCE'
      ? `hard bounce on ${at(lastAt)}${first}${explainBounce(cause, statusDescription)}`
      : `${reason === 'SPAM' ? 'marked as spam' : 'unsubscribed'} on ${at(lastAt)}${first}${of && `, from ${of}`}`
  const later =
    deliveredAfter === null
      ? ''
      : ` But a message was delivered on ${at(deliveredAfter)}, which does not lift the block.`
  return `Do not contact${subject} ${by}: ${why}.${later}`
}

/** Why a message bounced, to follow a time: the cause in words, and what the server said. */
function explainBounce(cause: CauseName | null, statusDescription: string | null): string {
  const text = statusDescription?.trim() ?? ''
  const said = text === '' ? '' : ` (“${shorten(text, MAX_TEXT)}”)`
  const { title } = CAUSES[cause ?? 'unknown']
  // A title may begin with an abbreviation.
  const words = /^.[a-z]/.test(title) ? `${title.charAt(0).toLowerCase()}${title.slice(1)}` : title
  return `: ${words}${said}`
}

function describeLast(last: LastMessage, at: WriteTime): string {
  const name = nameOf(last.message) || 'without a name'
  const steps = [
    last.sentAt !== null && `sent on ${at(last.sentAt)}`,
    last.deliveredAt !== null && `delivered on ${at(last.deliveredAt)}`,
    last.undelivered && describeBounce(last.undelivered, at),
    last.machineAt !== null &&
      `opened by a machine, such as a mail scanner, on ${at(last.machineAt)}`,
    last.readAt !== null &&
      `read on ${at(last.readAt)}${last.reads > 1 ? ` (${formatCount(last.reads, 'time')})` : ''}`,
    ...last.clicks.map(
      ({ link, at: time, clicks }) =>
        `clicked ${link === null ? 'a link' : shorten(link, MAX_TEXT)} on ${at(time)}${clicks > 1 ? ` (${formatCount(clicks, 'time')})` : ''}`,
    ),
    last.spamAt !== null && `marked as spam on ${at(last.spamAt)}`,
    last.unsubscribedAt !== null && `unsubscribed on ${at(last.unsubscribedAt)}`,
  ].filter((step) => typeof step === 'string')
  const isOnlySent = steps.length === 1 && last.sentAt !== null
  return `Last message: ${name}, ${steps.join('; ')}${isOnlySent ? '; no delivery reported' : ''}.`
}

function describeBounce(bounce: Bounce, at: WriteTime): string {
  const kind = bounce.hardBounce === null ? '' : bounce.hardBounce ? ' (permanent)' : ' (temporary)'
  return `not delivered on ${at(bounce.at)}${kind}${explainBounce(bounce.cause, bounce.statusDescription)}`
}

/** A message by its name and ID; empty if it has neither. */
function nameOf({ messageId, messageName }: Message): string {
  const name = messageName === null ? '' : `“${shorten(String(messageName), MAX_TEXT)}”`
  if (messageId === null) return name
  return name === '' ? `message ${messageId}` : `${name} (message ${messageId})`
}
