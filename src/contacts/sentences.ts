import type { CauseName } from '../event/bounce/causes.ts'
import { MAX_CONTACT_EVENTS } from '../db/events/contact-events.ts'
import type { EventKey } from '../db/stored-event.ts'
import type { ContactRecord } from '../history/contact-record.ts'
import type { TextKey, Values } from '../language/messages.ts'
import { shorten } from '../platform/cut-text.ts'
import { channelName } from '../web/channel-name.ts'
import type { Viewer } from '../web/viewer.tsx'
import type { Block, Bounce, ChannelExplanation, Course, Message } from './explanation.ts'

/** A sentence of the catalogue, and the event and message that it is about. */
export type Sentence = {
  key: TextKey
  /** `message` is its name. */
  values: Values
  event: EventKey | null
  message: Message | null
}

/** How sentences are written: in a language, with its times. */
export type Style = { text: Viewer['text']; at: (time: number) => string }

/** The events that were checked: those since a time, or any `MAX_CONTACT_EVENTS`; undefined if all were. */
export type Checked = Pick<ContactRecord, 'since'> | undefined

/** The longest text of a sender, server or link in a sentence: characters. */
const MAX_TEXT = 300

const CHANNELS = ['email', 'sms', 'viber', 'webpush', 'mobilepush', 'appinbox', 'inapp']

/** What limits the events that were checked, as values of a sentence. */
export function checkedValues(checked: NonNullable<Checked>, at: Style['at']): Values {
  return {
    isSince: yesIf(checked.since !== null),
    since: checked.since === null ? '' : at(checked.since),
    count: MAX_CONTACT_EVENTS,
  }
}

/** Whether a contact may be contacted on a channel, in sentences, the newest reason first. */
export function describeVerdict(
  { mediaType, verdict, blocks, addresses }: ChannelExplanation,
  checked: Checked,
  { text, at }: Style,
): Sentence[] {
  const by = text('contacts.by', {
    channel: mediaType === null ? 'none' : (CHANNELS.find((name) => name === mediaType) ?? 'other'),
    name: channelName(mediaType, text),
  })
  const blocked = blocks.flatMap((block) => describeBlock(block, by, { text, at }))
  switch (verdict) {
    case 'ok':
      return [toSentence('contacts.verdict.ok', { by })]
    case 'unknown': {
      const limit = checkedValues(checked ?? { since: null }, at)
      return [toSentence('contacts.verdict.unknown', { ...limit, by })]
    }
    case 'partly': {
      const others = addresses.filter(({ mayContact }) => mayContact)
      const listed = shorten(others.map(({ address }) => address).join(', '), MAX_TEXT)
      return [...blocked, toSentence('contacts.verdict.partly', { by, addresses: listed })]
    }
    case 'blocked':
      return blocked
  }
}

function toSentence(key: TextKey, values: Values): Sentence {
  return { key, values, event: null, message: null }
}

function describeBlock(block: Block, by: string, { text, at }: Style): Sentence[] {
  const { reason, address, since, lastAt, event, message, deliveredAfter } = block
  const name = messageName(message, text)
  const values = {
    by,
    hasAddress: yesIf(address !== null),
    address: shorten(address ?? '', MAX_TEXT),
    last: at(lastAt),
    hasFirst: yesIf(since < lastAt),
    first: at(since),
    hasMessage: yesIf(name !== ''),
    message: name,
    ...bounceValues(block.cause, block.statusDescription, text),
  }
  const sentence: Sentence = { key: `contacts.block.${reason}`, values, event, message }
  if (deliveredAfter === null) return [sentence]
  return [sentence, toSentence('contacts.block.later', { time: at(deliveredAfter) })]
}

/** Why a message bounced: the cause in words, and what the server said. */
function bounceValues(
  cause: CauseName | null,
  statusDescription: string | null,
  text: Viewer['text'],
): Values {
  const said = shorten(statusDescription?.trim() ?? '', MAX_TEXT)
  const title = causeText(cause ?? 'unknown', 'title', text)
  return { cause: inSentence(title), hasText: yesIf(said !== ''), said }
}

/** The title of a cause, or what to do about it. */
export function causeText(
  cause: CauseName,
  part: 'title' | 'advice',
  text: Viewer['text'],
): string {
  return text(`cause.${cause}.${part}`)
}

/** A title within a sentence. It may begin with an abbreviation. */
function inSentence(title: string): string {
  return /^.\p{Ll}/u.test(title) ? `${title.charAt(0).toLocaleLowerCase()}${title.slice(1)}` : title
}

/** A channel in plain sentences: whether the contact may be contacted, and the last message. */
export function summarize(channel: ChannelExplanation, checked: Checked, style: Style): string {
  const verdict = describeVerdict(channel, checked, style).map(({ key, values }) =>
    style.text(key, values),
  )
  return [...verdict, summarizeLast(channel.lastMessage, style)].join(' ')
}

function summarizeLast(last: Course | null, style: Style): string {
  const { text } = style
  if (!last) return text('contacts.last.none')
  const steps = describeSteps(last, style, (clicks) =>
    clicks.map(({ link, at, clicks: count }) => describeClick(link, style.at(at), count)),
  )
  return text('contacts.last', {
    message: messageName(last.message, text) || text('contacts.message.none'),
    steps: steps.map(({ key, values }) => text(key, values)).join('; '),
  })
}

/** A step of a message: a text of the catalogue, and the colour of its status. */
export type Step = { key: TextKey; values: Values; tone: string }

/** The steps of a message in their order. @param ofClicks the steps of its clicks */
export function describeSteps(
  course: Course,
  { text, at }: Style,
  ofClicks: (clicks: Course['clicks']) => Step[],
): Step[] {
  const { sentAt, deliveredAt, undelivered, machineAt, readAt, reads, clicks } = course
  const { spamAt, unsubscribedAt } = course
  const step = (key: TextKey, tone: string, time: number | null, values: Values = {}): Step[] =>
    time === null ? [] : [{ key, tone, values: { ...values, time: at(time) } }]
  const steps = [
    ...step('contacts.step.SENT', 'sent', sentAt),
    ...step('contacts.step.DELIVERED', 'delivered', deliveredAt),
    ...(undelivered ? [describeBounce(undelivered, { text, at })] : []),
    ...step('contacts.step.machine', 'other', machineAt),
    ...step('contacts.step.READ', 'read', readAt, { count: reads }),
    ...(clicks.length > 0 ? ofClicks(clicks) : []),
    ...step('contacts.step.SPAM', 'spam', spamAt),
    ...step('contacts.step.UNSUBSCRIBED', 'unsubscribed', unsubscribedAt),
  ]
  const isOnlySent = steps.length === 1 && sentAt !== null
  return isOnlySent ? [...steps, { key: 'contacts.step.silent', tone: 'other', values: {} }] : steps
}

/** A click on a link, which may be unknown. */
export function describeClick(link: string | null, time: string, count: number): Step {
  if (link === null) return describeLinks(1, time)
  const values = { link: shorten(link, MAX_TEXT), time, count }
  return { key: 'contacts.step.link', tone: 'clicked', values }
}

/** Clicks on some links. */
export function describeLinks(links: number, time: string): Step {
  return { key: 'contacts.step.CLICKED', tone: 'clicked', values: { links, time } }
}

function describeBounce(bounce: Bounce, { text, at }: Style): Step {
  const kind = bounce.hardBounce === null ? 'unknown' : bounce.hardBounce ? 'hard' : 'soft'
  const why = bounceValues(bounce.cause, bounce.statusDescription, text)
  return {
    key: 'contacts.step.UNDELIVERED',
    tone: 'undelivered',
    values: { ...why, kind, time: at(bounce.at) },
  }
}

/** A message by its name and ID; empty if it has neither. */
export function messageName(
  { messageId, messageName: name }: Message,
  text: Viewer['text'],
): string {
  const shown = name === null ? '' : shorten(String(name), MAX_TEXT)
  if (messageId === null) return shown && text('contacts.message.named', { name: shown })
  if (shown === '') return text('contacts.message.id', { id: messageId })
  return text('contacts.message', { name: shown, id: messageId })
}

function yesIf(condition: boolean): 'yes' | 'no' {
  return condition ? 'yes' : 'no'
}
