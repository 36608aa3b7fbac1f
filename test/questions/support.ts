import { DAY_MS } from '../../src/event/clock.ts'
import { writeLink } from '../../src/simulator/shop/campaigns.ts'
import { toElement } from '../../src/simulator/shop/element.ts'
import type { Contact } from '../../src/simulator/shop/contacts.ts'
import type { Delivery, ShopEvent } from '../../src/simulator/shop/delivery.ts'
import type { Truth } from '../../src/simulator/shop/truth.ts'
import { alike, pathOf, same, type Asker } from './ask.ts'
import { inSpan, messageOf } from './expected.ts'
import type { Context, Question } from './question.ts'
import { OPERATE_TOKEN, runSchedule, type Filled } from './receiver.ts'

type Activity = {
  occurredAt: number
  activityStatus: string
  iid: string
  clickEventLink: string | null
}

type Explanation = {
  channels: {
    mediaType: string
    verdict: string
    blocks: { reason: string; since: number; message: { messageId: number } }[]
    lastMessage: Record<string, unknown> | null
    clicks: { at: number; link: string; message: { messageId: number } }[]
  }[]
}

const contactOf = ({ delivery }: ShopEvent) => delivery.contact
const channelOf = (event: ShopEvent) => messageOf(event).channel

/** Contacts with such an event, some of the kept half and some whose event is archived. */
function someContacts(
  { truth, keptSince }: Filled,
  isChosen: (event: ShopEvent) => boolean,
): Contact[] {
  const events = truth.events.filter(isChosen)
  const newest = events.toReversed().map(contactOf)
  const archived = events.filter(({ at }) => at < keptSince).map(contactOf)
  return [...new Set([...[...new Set(newest)].slice(0, 4), ...[...new Set(archived)].slice(0, 3)])]
}

const ofContact = (truth: Truth, contact: Contact) =>
  truth.events.filter((event) => contactOf(event) === contact)

function linkOf({ link, delivery }: ShopEvent): string | null {
  return link ? writeLink(link, delivery.iid.slice(0, 8)) : null
}

/** Compares events in a response with those that happened, in any order within a second. */
function sameEvents(
  found: readonly Activity[],
  expected: readonly ShopEvent[],
  what: string,
): void {
  const foundTexts = found.map(({ occurredAt, activityStatus, iid, clickEventLink }) =>
    JSON.stringify([occurredAt, activityStatus, iid, clickEventLink]),
  )
  const expectedTexts = expected.map((event) =>
    JSON.stringify([event.at, event.status, event.delivery.iid, linkOf(event)]),
  )
  same(foundTexts.toSorted(), expectedTexts.toSorted(), what)
}

async function explain(asker: Asker, { contactId }: Contact): Promise<Explanation> {
  return asker.get<Explanation>(`/contacts/${contactId}/explain`)
}

/** Finds a contact by an identifier, in several notations, with the events of the day before. */
async function checkLookup(
  { asker, filled: { truth, end } }: Context,
  contact: Contact,
  queries: readonly string[],
): Promise<void> {
  const span = { since: end - DAY_MS, until: end }
  const expected = inSpan(truth, span).filter((event) => contactOf(event) === contact)
  for (const query of queries) {
    const path = `/contacts?${query}&since=${span.since}&until=${span.until}&limit=500`
    const found = await asker.get<{ contacts: { contactId: number }[]; activity: Activity[] }>(path)
    same(
      found.contacts.map(({ contactId }) => contactId),
      [contact.contactId],
      path,
    )
    sameEvents(found.activity, expected, path)
  }
}

/** What became of a contact's last message in a channel. */
function expectLast(truth: Truth, events: readonly ShopEvent[]) {
  const deliveries = [...new Set(events.map(({ delivery }) => delivery))]
  const last = deliveries.reduce((a, b) => (b.sentAt > a.sentAt ? b : a))
  const own = [...(truth.deliveries.get(last) ?? [])].filter((event) => !truth.machines.has(event))
  const firstOf = (status: string) => own.find((event) => event.status === status)?.at ?? null
  const bounce = own.findLast(({ fault }) => fault !== undefined)
  return {
    message: { messageId: last.campaign.message.messageId, iid: last.iid },
    state:
      (['SENT', 'DELIVERED', 'READ', 'CLICKED'] as const).findLast((step) => firstOf(step)) ?? null,
    sentAt: firstOf('SENT'),
    deliveredAt: firstOf('DELIVERED'),
    readAt: firstOf('READ'),
    undelivered: bounce?.fault
      ? {
          at: bounce.at,
          hardBounce: bounce.fault.isHard,
          cause: { name: bounce.fault.cause },
          statusDescription: bounce.fault.text,
        }
      : null,
    spamAt: firstOf('SPAM'),
    unsubscribedAt: firstOf('UNSUBSCRIBED'),
  }
}

const BLOCKED_BY = new Set(['UNSUBSCRIBED', 'SPAM'])

function isBlock({ status, fault }: ShopEvent): boolean {
  return BLOCKED_BY.has(status) || fault?.isHard === true
}

async function checkLast(context: Context, contacts: readonly Contact[]): Promise<void> {
  const { asker, filled } = context
  for (const contact of contacts) {
    const { channels } = await explain(asker, contact)
    const own = Map.groupBy(ofContact(filled.truth, contact), channelOf)
    for (const [channel, events] of own) {
      const found = channels.find(({ mediaType }) => mediaType === channel)
      const what = `the last ${channel} to ${contact.contactId}`
      alike(found?.lastMessage, expectLast(filled.truth, events), what)
    }
  }
}

export const SUPPORT: readonly Question[] = [
  {
    id: 'S21',
    text: 'Did anna.k@example.com (any case, blanks, plus) get our mail of yesterday?',
    async check(context) {
      const { filled } = context
      const isYesterday = (event: ShopEvent) =>
        event.at >= filled.end - DAY_MS && channelOf(event) === 'email'
      const plus = filled.truth.events.find(({ delivery }) =>
        delivery.contact.addresses.email?.includes('+'),
      )
      const contacts = someContacts(filled, isYesterday)
      if (plus) contacts.push(contactOf(plus))
      for (const contact of contacts) {
        const email = contact.addresses.email ?? ''
        await checkLookup(context, contact, [
          `email=${encodeURIComponent(email)}`,
          `email=${encodeURIComponent(` ${email.toUpperCase()} `)}`,
          `email=${encodeURIComponent(`Anna <${email}>`)}`,
          `email=${email}`, // with an unescaped plus
        ])
      }
    },
  },
  {
    id: 'S22',
    text: 'The same by 067 123 10 01 and +38 (067) 123-10-01?',
    async check(context) {
      const byPhone = (event: ShopEvent) => channelOf(event) === 'viber'
      for (const contact of someContacts(context.filled, byPhone)) {
        const [, a = '', b = '', c = '', d = ''] =
          /^38(\d{3})(\d{3})(\d\d)(\d\d)$/.exec(contact.addresses.sms ?? '') ?? []
        const notations = [`${a} ${b} ${c} ${d}`, `+38 (${a}) ${b}-${c}-${d}`, `38${a}${b}${c}${d}`]
        const queries = notations.map((phone) => `sms=${encodeURIComponent(phone)}`)
        await checkLookup(context, contact, queries)
      }
    },
  },
  {
    id: 'S23',
    text: 'What was the last message per channel, and what became of it?',
    async check(context) {
      await checkLast(
        context,
        someContacts(context.filled, ({ status }) => status === 'READ'),
      )
    },
  },
  {
    id: 'S24',
    text: 'When did she unsubscribe, from which message, in which channel?',
    async check({ asker, filled }) {
      const isLeaving = ({ status }: ShopEvent) => status === 'UNSUBSCRIBED'
      for (const contact of someContacts(filled, isLeaving)) {
        const { channels } = await explain(asker, contact)
        const found = channels.flatMap(({ mediaType, blocks }) =>
          blocks
            .filter(({ reason }) => reason === 'UNSUBSCRIBED')
            .map(({ since, message }) => [mediaType, since, message.messageId]),
        )
        const expected = ofContact(filled.truth, contact)
          .filter(isLeaving)
          .map((event) => [channelOf(event), event.at, messageOf(event).messageId])
        same(found.toSorted(), expected.toSorted(), `what ${contact.contactId} left`)
      }
    },
  },
  {
    id: 'S25',
    text: 'May we write to her by e-mail, SMS, push?',
    async check({ asker, filled }) {
      const contacts = [
        ...someContacts(filled, isBlock),
        ...someContacts(filled, ({ status }) => status === 'CLICKED'),
      ]
      for (const contact of contacts) {
        const { channels } = await explain(asker, contact)
        const events = ofContact(filled.truth, contact)
        const own = Map.groupBy(events, channelOf)
        for (const [channel, ofChannel] of own) {
          const verdict = channels.find(({ mediaType }) => mediaType === channel)?.verdict
          const expected = ofChannel.some(isBlock) ? 'blocked' : 'ok'
          same(verdict, expected, `whether ${contact.contactId} may be written to by ${channel}`)
        }
      }
    },
  },
  {
    id: 'S26',
    text: 'Which link did she click?',
    async check({ asker, filled }) {
      const isClick = (event: ShopEvent) =>
        event.status === 'CLICKED' && contactOf(event).scanner === undefined
      for (const contact of someContacts(filled, isClick)) {
        const { channels } = await explain(asker, contact)
        const own = Map.groupBy(ofContact(filled.truth, contact).filter(isClick), channelOf)
        for (const [channel, clicks] of own) {
          const newest = clicks.toSorted((a, b) => b.at - a.at).slice(0, 20)
          const found = channels.find(({ mediaType }) => mediaType === channel)?.clicks ?? []
          same(
            found.map(({ at, link, message }) => [at, link, message.messageId]),
            newest.map((event) => [event.at, linkOf(event), messageOf(event).messageId]),
            `the clicks of ${contact.contactId} by ${channel}`,
          )
        }
      }
    },
  },
  {
    id: 'S27',
    text: 'Why did the SMS not arrive?',
    async check(context) {
      const { asker, filled } = context
      const isFailed = (event: ShopEvent) =>
        event.status === 'UNDELIVERED' && channelOf(event) === 'sms'
      const contacts = someContacts(filled, isFailed)
      await checkLast(context, contacts)
      for (const contact of contacts) {
        const events = ofContact(filled.truth, contact).filter(isFailed)
        for (const { at, delivery, fault } of events) {
          const found = await asker.get<{ undelivered: object; activity: Activity[] }>(
            pathOf(`/deliveries/${delivery.iid}`, { contactId: contact.contactId }),
          )
          const expected = {
            occurredAt: at,
            hardBounce: fault?.isHard,
            statusDescription: fault?.text,
          }
          alike(found.undelivered, expected, delivery.iid)
          sameEvents(found.activity, filled.truth.deliveries.get(delivery) ?? [], delivery.iid)
        }
      }
    },
  },
  {
    id: 'S28',
    text: 'All contacts whose address contains "petrenko"?',
    async check({ asker, filled: { truth } }) {
      for (const piece of ['petrenko', 'Shevchenko', '@kyiv-metal']) {
        const path = pathOf('/contacts', { contains: piece, limit: 500 })
        const found = await asker.list<{ contactId: number }>(path, 'contacts')
        const contacts = new Set(
          truth.events
            .filter(
              (event) =>
                channelOf(event) === 'email' &&
                contactOf(event).addresses.email?.toLowerCase().includes(piece.toLowerCase()),
            )
            .map((event) => contactOf(event).contactId),
        )
        const ids = found.map(({ contactId }) => contactId).sort((a, b) => a - b)
        same(
          ids,
          [...contacts].sort((a, b) => a - b),
          path,
        )
      }
    },
  },
  {
    id: 'S29',
    text: 'Everything about her, as a file (access request)?',
    async check({ asker, filled }) {
      const { truth } = filled
      for (const contact of someContacts(filled, isBlock)) {
        const path = `/contacts/${contact.contactId}/data`
        const data = await asker.get<ContactData>(path)
        const events = ofContact(truth, contact)
        const sent = data.events.map((event) =>
          JSON.stringify(event.sent, Object.keys(event.sent).sort()),
        )
        const expected = events.map((event) => {
          const element = JSON.parse(toElement(event).bytes.toString()) as Record<string, unknown>
          return JSON.stringify(element, Object.keys(element).sort())
        })
        same(sent.toSorted(), expected.toSorted(), path)
        same(data.suppressions.length, events.filter(isBlock).length, `${path}: suppressions`)
        same(data.identifiers, identifiersIn(events), `${path}: identifiers`)
        same(data.complete, true, path)
      }
    },
  },
]

type ContactData = {
  identifiers: Record<string, string[]>
  events: { occurredAt: number; sent: Record<string, unknown> }[]
  suppressions: unknown[]
  complete: boolean
}

/** The identifiers of a contact that her events have. */
function identifiersIn(events: readonly ShopEvent[]): Record<string, string[]> {
  const found: Record<string, string[]> = {}
  for (const event of events) {
    const { addresses, externalCustomerId } = contactOf(event)
    const channel = channelOf(event)
    const name = channel === 'viber' ? 'sms' : channel
    const address = addresses[name]
    if (address !== undefined) found[name] = [address]
    if (externalCustomerId !== undefined) found['externalCustomerId'] = [externalCustomerId]
  }
  return found
}

/** Asked last, as it changes what is stored. */
export const ERASURE: Question = {
  id: 'S30',
  text: 'Erase her; is nothing left?',
  async check({ asker, filled }) {
    const { server, truth, keptSince } = filled
    const isOld = ({ at }: ShopEvent) => at < keptSince
    const contact = someContacts(filled, isOld).at(-1)
    if (!contact) throw new Error('no contact has archived events')
    const { contactId } = contact
    const before = await asker.list<Activity>(`/contacts/${contactId}?limit=500`, 'activity')
    sameEvents(before, ofContact(truth, contact), `the events of ${contactId}`)
    const response = await fetch(`${server.origin}/contacts/${contactId}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${OPERATE_TOKEN}` },
    })
    same(response.ok, true, `DELETE returned ${response.status}`)
    await runSchedule(server)
    const after = await fetch(`${server.origin}/contacts/${contactId}`, {
      headers: { authorization: `Bearer ${OPERATE_TOKEN}` },
    })
    same(after.status, 404, `/contacts/${contactId}`)
    for (const { iid } of listDeliveries(before)) {
      const found = await asker.list(pathOf('/activity', { iid, limit: 500 }), 'activity')
      same(found, [], `what is left of ${iid}`)
    }
  },
}

function listDeliveries(activity: readonly Activity[]): Pick<Delivery, 'iid'>[] {
  return [...new Set(activity.map(({ iid }) => iid))].slice(0, 3).map((iid) => ({ iid }))
}
