import { channelOf, type ContactRecord, type Notable } from '../history/contact-record.ts'
import type { NotableEvent } from '../db/events/contact-events.ts'
import type { ContactIdentifiers } from '../db/events/identifiers.ts'
import type { EventKey } from '../db/stored-event.ts'
import { findSuppressed } from '../db/derived/suppressed-subject.ts'
import { ADDRESS_OF } from '../event/channel.ts'
import { causeOf } from '../event/bounce/cause.ts'
import type { CauseName } from '../event/bounce/causes.ts'
import { findMachines, type Trace } from '../event/machines.ts'
import { isIdentifierName, normalizeIdentifier } from '../event/identifier.ts'

/** Clicks that are listed for a channel. */
const MAX_CLICKS = 20
/** Links of the last message. */
const MAX_LINKS = 50

/** The steps of a delivery, in this order. */
const STEPS = ['SENT', 'DELIVERED', 'READ', 'CLICKED'] as const

/** Why a contact should not be contacted. */
export const REASONS = ['HARD_BOUNCE', 'SPAM', 'UNSUBSCRIBED'] as const

/** Whether a contact may be contacted on a channel: `partly` if some addresses bounced and others did not. */
export const VERDICTS = ['ok', 'blocked', 'partly', 'unknown'] as const

/** The message that an event is about. */
export type Message = Pick<
  NotableEvent,
  'messageId' | 'messageName' | 'broadcastId' | 'workflowId' | 'iid'
>

/** Why a contact should not be contacted on a channel, or at one of its addresses. */
export type Block = {
  reason: (typeof REASONS)[number]
  /** The address that bounced, if the event has one; a complaint or an unsubscription is for a whole channel. */
  address: string | null
  /** The first and the last event: UTC milliseconds. */
  since: number
  lastAt: number
  /** The last one. */
  event: EventKey
  message: Message
  /** Of a hard bounce. */
  cause: CauseName | null
  statusDescription: string | null
  /** When something was delivered after the last one, if it was: UTC milliseconds. */
  deliveredAfter: number | null
}

/** A bounce of a message. */
export type Bounce = {
  at: number
  hardBounce: boolean | null
  cause: CauseName
  statusDescription: string | null
}

/** What became of a message, without machines; times are those of the first event of each kind, UTC milliseconds. */
export type Course = {
  message: Message
  /** The highest step that was reached. */
  state: (typeof STEPS)[number] | null
  sentAt: number | null
  deliveredAt: number | null
  readAt: number | null
  reads: number
  clicks: { link: string | null; at: number; clicks: number }[]
  /** When a machine, such as a mail scanner, first opened it or followed its links. */
  machineAt: number | null
  undelivered: Bounce | null
  spamAt: number | null
  unsubscribedAt: number | null
  /** Its newest event. */
  event: EventKey
}

/** A delivery to a contact. */
export type Delivery = {
  mediaType: string | null
  /** Its first event: UTC milliseconds. */
  beganAt: number
  course: Course
  /** Events of other statuses, such as a change of subscriptions, at the time of the first. */
  others: { status: string; at: number; events: number }[]
}

/** A click on a link. */
export type Click = { at: number; link: string | null; message: Message; event: EventKey }

/** Whether a contact may be contacted on a channel, why not, and what happened there last. */
export type ChannelExplanation = {
  /** Null for events that name none. */
  mediaType: string | null
  verdict: (typeof VERDICTS)[number]
  /** All addresses of the contact in the channel, as sent, and whether each may be used. */
  addresses: { address: string; mayContact: boolean }[]
  /** Newest first. */
  blocks: Block[]
  lastMessage: Course | null
  /** Newest first. */
  clicks: Click[]
}

/** Explains each channel on which a contact has events or an address; the one that was used last first. */
export function explainContact(
  record: ContactRecord,
  identifiers: ContactIdentifiers,
): ChannelExplanation[] {
  const channels = Map.groupBy(record.notable, channelOf)
  const withAddress = new Set([...channels.keys()].flatMap((name) => addressType(name) ?? []))
  for (const type of ['email', 'sms', 'webpush', 'mobilepush'] as const) {
    if (identifiers[type] && !withAddress.has(type)) channels.set(type, [])
  }
  return [...channels]
    .map(([mediaType, events]) => explainChannel(mediaType, events, record, identifiers))
    .filter(({ mediaType, blocks }) => mediaType !== null || blocks.length > 0)
}

function explainChannel(
  mediaType: string | null,
  events: readonly Notable[],
  record: ContactRecord,
  identifiers: ContactIdentifiers,
): ChannelExplanation {
  const blocks = findBlocks(events)
  const type = addressType(mediaType)
  const bounced = new Set(blocks.flatMap(({ address }) => keyOf(type, address) ?? []))
  const isChannelBlocked = blocks.some(({ address }) => address === null)
  const addresses = uniqueAddresses(type, identifiers).map((address) => ({
    address,
    mayContact: !isChannelBlocked && !bounced.has(keyOf(type, address) ?? ''),
  }))
  const clicks = events.filter(({ activityStatus }) => activityStatus === 'CLICKED')
  return {
    mediaType,
    verdict: judge(blocks, isChannelBlocked, addresses, record.complete),
    addresses,
    blocks,
    lastMessage: describeCourse(record.last.get(mediaType) ?? []),
    clicks: clicks.slice(0, MAX_CLICKS).map((event) => ({
      at: event.occurredAt,
      link: textOf(event.clickEventLink),
      message: messageOf(event),
      event: keyIn(event),
    })),
  }
}

function judge(
  blocks: readonly Block[],
  isChannelBlocked: boolean,
  addresses: ChannelExplanation['addresses'],
  complete: boolean,
): ChannelExplanation['verdict'] {
  if (isChannelBlocked) return 'blocked'
  if (blocks.length > 0) {
    return addresses.some(({ mayContact }) => mayContact) ? 'partly' : 'blocked'
  }
  return complete ? 'ok' : 'unknown'
}

/** The parameter with a contact's address in a channel. */
function addressType(mediaType: string | null) {
  const type = mediaType === null ? undefined : ADDRESS_OF[mediaType]
  return type !== undefined && isIdentifierName(type) ? type : undefined
}

function keyOf(type: ReturnType<typeof addressType>, address: string | null): string | undefined {
  return address === null ? undefined : normalizeIdentifier(type ?? '', address)
}

/** The addresses in a channel, each in one spelling. */
function uniqueAddresses(
  type: ReturnType<typeof addressType>,
  identifiers: ContactIdentifiers,
): string[] {
  const values = type === undefined ? [] : (identifiers[type] ?? [])
  return [...new Map(values.map((value) => [keyOf(type, value) ?? value, value])).values()]
}

/** The hard bounces of each address, complaints and unsubscriptions. @param events of a channel, newest first */
function findBlocks(events: readonly Notable[]): Block[] {
  const blocks = new Map<string, Block>()
  for (const event of events) {
    const reason = reasonOf(event)
    if (!reason) continue
    const address = reason === 'HARD_BOUNCE' ? addressOf(event) : null
    const kind = JSON.stringify([reason, address?.key])
    const newer = blocks.get(kind)
    if (newer) newer.since = Math.min(newer.since, event.firstAt)
    else blocks.set(kind, toBlock(event, reason, address, events))
  }
  return [...blocks.values()]
}

function reasonOf({ activityStatus, hardBounce }: Notable): Block['reason'] | undefined {
  if (activityStatus === 'UNDELIVERED') return hardBounce === 1 ? 'HARD_BOUNCE' : undefined
  return activityStatus === 'SPAM' || activityStatus === 'UNSUBSCRIBED' ? activityStatus : undefined
}

type Address = { value: string; key: string }

/** The address that an event was sent to; null if it has none. */
function addressOf(event: NotableEvent): Address | null {
  const values: Readonly<Record<string, unknown>> = { ...event, contactId: 0 }
  const [, , value, type] = findSuppressed(event, (name) => values[name], undefined)
  return value === null ? null : { value, key: normalizeIdentifier(type ?? '', value) ?? value }
}

function toBlock(
  event: Notable,
  reason: Block['reason'],
  address: Address | null,
  events: readonly Notable[],
): Block {
  const later = events.find(
    (each) =>
      each.activityStatus === 'DELIVERED' &&
      each.occurredAt > event.occurredAt &&
      (!address || addressOf(each)?.key === address.key),
  )
  return {
    reason,
    address: address?.value ?? null,
    since: event.firstAt,
    lastAt: event.occurredAt,
    event: keyIn(event),
    message: messageOf(event),
    cause: reason === 'HARD_BOUNCE' ? causeIn(event) : null,
    statusDescription: textOf(event.statusDescription),
    deliveredAfter: later?.occurredAt ?? null,
  }
}

/** What became of a message. @param events of its delivery, oldest first */
function describeCourse(events: readonly NotableEvent[]): Course | null {
  const newest = events.at(-1)
  if (!newest) return null
  const machines = findMachines(events.map(toTrace))
  const people = events.filter((_, index) => !machines.has(index))
  const of = (status: string) => people.filter((event) => event.activityStatus === status)
  const firstOf = (status: string) => of(status)[0]?.occurredAt ?? null
  return {
    message: messageOf(events.find(({ messageName }) => messageName !== null) ?? newest),
    state: STEPS.findLast((step) => of(step).length > 0) ?? null,
    sentAt: firstOf('SENT'),
    deliveredAt: firstOf('DELIVERED'),
    readAt: firstOf('READ'),
    reads: of('READ').length,
    clicks: countClicks(of('CLICKED')),
    machineAt: events.find((_, index) => machines.has(index))?.occurredAt ?? null,
    undelivered: describeBounce(of('UNDELIVERED')),
    spamAt: firstOf('SPAM'),
    unsubscribedAt: firstOf('UNSUBSCRIBED'),
    event: keyIn(newest),
  }
}

const OF_COURSE: readonly unknown[] = [...STEPS, 'UNDELIVERED', 'SPAM', 'UNSUBSCRIBED']

/** What became of a delivery; null if it has no events. @param events oldest first */
export function describeDelivery(events: readonly NotableEvent[]): Delivery | null {
  const [first] = events
  const course = describeCourse(events)
  if (!first || !course) return null
  const others = events.filter(({ activityStatus }) => !OF_COURSE.includes(activityStatus))
  const byStatus = Map.groupBy(others, ({ activityStatus }) => String(activityStatus ?? ''))
  return {
    mediaType: channelOf(first),
    beganAt: first.occurredAt,
    course,
    others: [...byStatus].map(([status, own]) => ({
      status,
      at: own[0]?.occurredAt ?? 0,
      events: own.length,
    })),
  }
}

function toTrace({ occurredAt, activityStatus, clickEventLink }: NotableEvent): Trace {
  return {
    occurredAt,
    activityStatus: textOf(activityStatus),
    clickEventLink: textOf(clickEventLink),
  }
}

function countClicks(clicks: readonly NotableEvent[]): Course['clicks'] {
  const links = Map.groupBy(clicks, ({ clickEventLink }) => textOf(clickEventLink))
  return [...links].slice(0, MAX_LINKS).map(([link, events]) => ({
    link,
    at: events[0]?.occurredAt ?? 0,
    clicks: events.length,
  }))
}

/** The last permanent bounce, or else the last one. */
function describeBounce(bounces: readonly NotableEvent[]): Bounce | null {
  const bounce = bounces.findLast(({ hardBounce }) => hardBounce === 1) ?? bounces.at(-1)
  if (!bounce) return null
  return {
    at: bounce.occurredAt,
    hardBounce: bounce.hardBounce === null ? null : bounce.hardBounce === 1,
    cause: causeIn(bounce),
    statusDescription: textOf(bounce.statusDescription),
  }
}

function causeIn(event: NotableEvent): CauseName {
  return causeOf(textOf(event.statusDescription), channelOf(event))
}

function messageOf({
  messageId,
  messageName,
  broadcastId,
  workflowId,
  iid,
}: NotableEvent): Message {
  return { messageId, messageName, broadcastId, workflowId, iid }
}

function keyIn({ occurredAt, id }: EventKey): EventKey {
  return { occurredAt, id }
}

function textOf(cell: string | number | null): string | null {
  return cell === null ? null : String(cell)
}
