import '../event/exact-number.ts' // for JSON.rawJSON
import { Random } from './random.ts'

/** A broadcast, or a block of a workflow: sent to many contacts. */
export type Campaign = {
  /** The events of one delivery, in order of time; a group is events of the same moment. */
  deliver(random: Random, sentAt: number): { happenedAt: number; group: object[] }[]
}

/** Yespo's channels, and the parameter with the contact's address in each. */
const CHANNELS = [
  { mediaType: 'email', address: 'email', share: 10 },
  { mediaType: 'sms', address: 'sms', share: 2 },
  { mediaType: 'viber', address: 'sms', share: 3 },
  { mediaType: 'webpush', address: 'webpush', share: 2 },
  { mediaType: 'mobilepush', address: 'mobilepush', share: 3 },
  { mediaType: 'appinbox', address: 'mobilepush', share: 1 },
  { mediaType: 'widget', address: undefined, share: 1 },
  { mediaType: 'inapp', address: 'mobilepush', share: 1 },
  { mediaType: 'telegram', address: undefined, share: 1 },
] as const

const CHANNEL_DRAW = CHANNELS.flatMap((channel) =>
  Array.from({ length: channel.share }, () => channel),
)

const NAMES = [
  'Осінній розпродаж',
  'Покинутий кошик №2',
  'Welcome, «new» friend',
  'ціни ↓ 50 %',
  'test',
  '',
]
const SENDERS = ['Крамниця', 'Example Shop', "O'Neil & Co."]
const REASONS = [
  '5.1.1 (bad destination mailbox address: user unknown)',
  '5.1.2 (bad destination system: no such domain)',
  '4.2.2 mailbox full',
  '550-5.7.1 [policy]\tmessage "blocked"; see https://example.com/policy',
  '401: null',
  'Номер не обслуговується',
]
const FIRST_CONTACT = 100_000_000
const CONTACTS = 20_000
const MAIL_DOMAINS = ['example.com', 'mail.example.com', 'example.net', 'example.org']
const DEVICES = [
  { osName: 'Android', osType: 'Mobile' },
  { osName: 'iOS', osType: 'Mobile' },
  { osName: 'Windows', osType: 'Desktop' },
]
/** Of bounces and clicks, those with another one of the same moment that differs in something. */
const TWIN_SHARE = 0.1
const HUGE_SHARE = 0.0003 // of events that are too large for a message of a queue
const SECOND = 1_000
const HOUR = 3_600_000

/** @param index of the campaign: the first nine are on one channel each, so that none is missing */
export function buildCampaign(random: Random, time: number, index: number): Campaign {
  const drawn = random.pick(CHANNEL_DRAW)
  const channel = CHANNELS[index] ?? drawn
  const message = {
    messageId: random.between(1_000_000, 9_999_999),
    messageInstanceId: random.between(1_000_000, 9_999_999),
    messageName: random.pick(NAMES),
    mediaType: channel.mediaType,
    ...(random.chance(0.3) && { messageTag: 'осінь,sale,tag2' }),
    ...(random.chance(0.5) && { messageLanguageCode: random.pick(['uk', 'en', 'pl']) }),
    ...(channel.mediaType === 'email' && { from: random.pick(SENDERS) }),
    ...(random.chance(0.6)
      ? { broadcastId: random.between(1_000_000, 9_999_999) }
      : buildWorkflow(random)),
    ...(random.chance(0.1) && EARLIER_REVISION),
  }
  const reads = random.between(5, 60) / 100
  return {
    deliver: (source, sentAt) => deliver(source, channel, message, Math.max(time, sentAt), reads),
  }
}

/** Parameters that Yespo no longer documents. */
const EARLIER_REVISION = { statusData: {}, subscription: null, viber: null }

function buildWorkflow(random: Random): object {
  return {
    workflowId: random.between(100_000, 999_999),
    workflowBlockId: `_${random.hex(32)}`,
    workflowInstanceId: random.uuid(),
    sourceEventKey: random.uuid(),
    sourceEventTypeKey: random.pick(['productViewed', 'orderCreated', 'кошик']),
    sourceEventId: random.between(1, 2_147_483_647),
  }
}

function deliver(
  random: Random,
  channel: (typeof CHANNELS)[number],
  message: object,
  sentAt: number,
  reads: number,
): { happenedAt: number; group: object[] }[] {
  const contact = buildContact(random, channel)
  const iid = random.uuid()
  const delivery = { ...message, ...(!random.chance(0.02) && { iid }), ...contact }
  const timed: { happenedAt: number; group: object[] }[] = []
  let time = sentAt
  const report = (activityStatus: string, more: object = {}, copies = 1) => {
    const activityDateTime = new Date(time).toISOString().slice(0, 19)
    const note = random.chance(HUGE_SHARE) ? { note: 'ї'.repeat(80_000) } : {}
    const event = { ...delivery, activityStatus, activityDateTime, ...more, ...note }
    timed.push({ happenedAt: time, group: Array.from({ length: copies }, () => event) })
  }
  /** Reports more events of the last moment that differ in one thing: in the same body, or later. */
  const reportTwins = (drawOther: () => object) => {
    const [event] = timed.at(-1)?.group ?? []
    const reported = new Set([JSON.stringify(event)]) // equal events of two bodies are one
    while (event && random.chance(TWIN_SHARE)) {
      const twin = { ...event, ...drawOther() }
      if (reported.has(JSON.stringify(twin))) continue
      reported.add(JSON.stringify(twin))
      if (random.chance(0.5))
        timed.push({ happenedAt: time + random.between(0, HOUR), group: [twin] })
      else timed.at(-1)?.group.splice(random.between(0, 1), 0, twin)
    }
  }
  const pass = (max: number) => (time += random.between(SECOND, max))
  if (channel.mediaType === 'mobilepush') report('SENT')
  pass(60 * SECOND)
  if (random.chance(0.05)) {
    // Now and then a message was reported as delivered before it bounces.
    if (random.chance(0.2)) report('DELIVERED')
    pass(60 * SECOND)
    const statusDescription = random.pick(REASONS)
    const hardBounce = random.chance(0.5)
    report('UNDELIVERED', { hardBounce, statusDescription })
    reportTwins(() =>
      random.chance(0.5)
        ? { hardBounce: !hardBounce }
        : { statusDescription: random.pick(REASONS) },
    )
    return timed
  }
  report('DELIVERED')
  if (!random.chance(reads)) return timed
  pass(20 * HOUR)
  report('READ')
  if (random.chance(0.02)) report('SPAM')
  if (random.chance(0.02)) report('UNSUBSCRIBED')
  if (random.chance(0.01)) report('SUBSCRIPTION_CHANGED', { subscriptions: ['news', 'знижки', ''] })
  for (let clicks = random.chance(0.3) ? random.between(1, 4) : 0; clicks > 0; clicks--) {
    pass(random.chance(0.2) ? SECOND : HOUR)
    const clickEventLink = buildLink(random)
    report('CLICKED', { clickEventLink }, random.chance(0.1) ? 2 : 1)
    reportTwins(() => random.pick(DEVICES))
    if (random.chance(0.2)) report('CLICKED', { clickEventLink: `${clickEventLink}#other` })
  }
  return timed
}

/** One of the contacts, who get messages again and again, with the same identifiers each time. */
function buildContact(random: Random, { mediaType, address }: (typeof CHANNELS)[number]): object {
  const contactId = FIRST_CONTACT + random.between(0, CONTACTS - 1)
  const own = new Random(contactId)
  const addresses = {
    email: `contact${contactId}@${own.pick(MAIL_DOMAINS)}`,
    sms: `38000${contactId}`,
    webpush: own.hex(150),
    mobilepush: `${own.hex(22)}:${own.hex(140)}`,
  }
  return {
    contactId,
    ...(address !== undefined && { [address]: addresses[address] }),
    ...(own.chance(0.6) && {
      externalCustomerId: own.chance(0.5) ? String(contactId) : own.uuid(),
    }),
    ...(mediaType === 'email' && { viewMessageLink: `https://view.example.com/${random.hex(14)}` }),
    ...(address === 'mobilepush' && { bundleId: 'com.example.shop', imId: contactId }),
    // Beyond JavaScript's safe integers.
    ...(random.chance(0.01) && {
      imId: JSON.rawJSON(`90071992547409${random.between(100, 999)}1`),
    }),
    ...(random.chance(0.2) && { osName: 'Android', osType: random.pick(['Mobile', 'Desktop']) }),
  }
}

function buildLink(random: Random): string {
  const link = `https://shop.example.com/товар/${random.hex(8)}?utm_source=yespo&ref="`
  return random.chance(0.05) ? link.padEnd(1_000, 'x') : link
}
