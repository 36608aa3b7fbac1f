import { beforeEach, describe, expect, it } from 'vitest'
import { buildEvent } from '../event.ts'
import { archive, readStored } from '../history/archiving.ts'
import { clearTables, read } from '../receiver.ts'
import { store, storeText } from '../store-events.ts'

beforeEach(clearTables)

type Channel = {
  mediaType: string | null
  verdict: string
  summary: string
  addresses: { address: string; mayContact: boolean }[]
  blocks: Record<string, unknown>[]
  lastMessage: Record<string, unknown> | null
  clicks: { link: string | null; message: Record<string, unknown> }[]
}

type Explanation = { channels: Channel[]; complete: boolean; since: number | null }

async function explain(contactId: number | string = 7): Promise<Explanation> {
  const response = await read(`/contacts/${contactId}/explain`)
  expect(response.status).toBe(200)
  return response.json()
}

const channel = async (mediaType: string | null): Promise<Channel> => {
  const found = (await explain()).channels.find((each) => each.mediaType === mediaType)
  if (!found) throw new Error(`no channel ${mediaType}`)
  return found
}

const START = Date.UTC(2026, 4, 1, 12)
const MINUTE = 60_000

const at = (minute: number, changes: object = {}) =>
  buildEvent({
    activityDateTime: new Date(START + minute * MINUTE).toISOString().slice(0, 19),
    contactId: 7,
    email: 'anna@example.com',
    iid: 'may',
    messageId: 1,
    messageName: 'May sale',
    ...changes,
  })

const HARD = { activityStatus: 'UNDELIVERED', hardBounce: true, statusDescription: '5.1.1 unknown' }

describe('a channel', () => {
  it('is ok to contact without any reason not to', async () => {
    await store(at(0, { activityStatus: 'SENT' }), at(1))
    expect(await channel('email')).toMatchObject({
      verdict: 'ok',
      summary:
        'OK to contact by email: no hard bounce, spam complaint or unsubscribe on record. Last message: “May sale” (message 1), sent 1 May 2026, 12:00:00; delivered 1 May 2026, 12:01:00.',
      addresses: [{ address: 'anna@example.com', mayContact: true }],
      blocks: [],
    })
  })

  it('is blocked by an unsubscription, with its message, since the first one', async () => {
    await store(
      at(1, { activityStatus: 'UNSUBSCRIBED' }),
      at(2, {
        activityStatus: 'UNSUBSCRIBED',
        iid: 'june',
        messageId: 2,
        messageName: 'June sale',
      }),
    )
    const { verdict, summary, blocks, addresses } = await channel('email')
    expect(verdict).toBe('blocked')
    expect(summary).toContain(
      'Do not contact by email: unsubscribed on 1 May 2026, 12:02:00, first on 1 May 2026, 12:01:00, from “June sale” (message 2).',
    )
    expect(blocks).toMatchObject([
      {
        reason: 'UNSUBSCRIBED',
        since: START + MINUTE,
        lastAt: START + 2 * MINUTE,
        message: { messageId: 2, iid: 'june' },
        deliveredAfter: null,
      },
    ])
    expect(addresses).toEqual([{ address: 'anna@example.com', mayContact: false }])
  })

  it('stays blocked after a delivery, and says so', async () => {
    await store(at(0, { activityStatus: 'SPAM' }), at(5, { iid: 'june' }), at(9, { iid: 'july' }))
    const { verdict, summary, blocks } = await channel('email')
    expect(verdict).toBe('blocked')
    expect(blocks).toMatchObject([{ reason: 'SPAM', deliveredAfter: START + 9 * MINUTE }])
    expect(summary).toContain(
      'But a message was delivered on 1 May 2026, 12:09:00, which does not lift the block.',
    )
  })

  it('is blocked at the address that bounced only', async () => {
    await store(
      at(0, HARD),
      at(1, { ...HARD, email: 'ANNA@example.com' }),
      at(2, { email: 'new@example.com', iid: 'june' }),
    )
    const { verdict, summary, blocks, addresses } = await channel('email')
    expect(verdict).toBe('partly')
    expect(blocks).toMatchObject([
      { reason: 'HARD_BOUNCE', since: START, lastAt: START + MINUTE, deliveredAfter: null },
    ])
    expect(summary).toContain(
      'Do not contact ANNA@example.com by email: hard bounce on 1 May 2026, 12:01:00, first on 1 May 2026, 12:00:00',
    )
    expect(summary).toContain(': mailbox unknown (“5.1.1 unknown”).')
    expect(blocks[0]?.['cause']).toMatchObject({ name: 'mailboxUnknown', title: 'Mailbox unknown' })
    expect(summary).toContain('OK to contact by email at new@example.com.')
    expect(addresses.filter(({ mayContact }) => mayContact)).toHaveLength(1)
  })

  it('is blocked if the only address bounced, but not by a temporary bounce', async () => {
    await store(
      at(0, HARD),
      at(1, {
        activityStatus: 'UNDELIVERED',
        hardBounce: false,
        statusDescription: 'absent subscriber',
        mediaType: 'sms',
        sms: '380671231001',
        iid: 'text',
      }),
    )
    expect((await channel('email')).verdict).toBe('blocked')
    const sms = await channel('sms')
    expect(sms.verdict).toBe('ok')
    expect(sms.summary).toMatch(
      /not delivered 1 May 2026, 12:01:00 \(temporary\): .*“absent subscriber”/,
    )
  })

  it('is explained without an event if there is an address for it', async () => {
    await store(at(0, { sms: '380671231001' }))
    expect(await channel('sms')).toMatchObject({
      verdict: 'ok',
      lastMessage: null,
      summary:
        'OK to contact by SMS: no hard bounce, spam complaint or unsubscribe on record. No message on record.',
    })
  })

  it('without a name counts only if it has a reason', async () => {
    await store(at(0, { mediaType: null, activityStatus: 'PUSH_SUBSCRIBED' }))
    expect((await explain()).channels.map(({ mediaType }) => mediaType)).toEqual(['email'])
    await store(at(1, { mediaType: null, activityStatus: 'UNSUBSCRIBED' }))
    expect((await channel(null)).summary).toContain(
      'Do not contact (unknown channel): unsubscribed',
    )
  })

  it('keeps its reason however many events follow', async () => {
    await store(
      at(0, { activityStatus: 'UNSUBSCRIBED', mediaType: 'viber', sms: '380671231001' }),
      at(1, { ...HARD, statusDescription: 'first' }),
      at(2, { ...HARD, statusDescription: 'second' }),
    )
    for (let batch = 0; batch < 3; batch++) {
      const later = Array.from({ length: 1_000 }, (_, index) =>
        at(10 + batch * 1_000 + index, { activityStatus: 'READ' }),
      )
      await store(...later)
    }
    expect((await channel('viber')).verdict).toBe('blocked')
    expect((await channel('email')).blocks).toMatchObject([
      { since: START + MINUTE, statusDescription: 'second' },
    ])
  })
})

describe('the last message', () => {
  it('is the last that was sent, though an older one was clicked later', async () => {
    const click = { activityStatus: 'CLICKED', clickEventLink: 'https://example.com/a' }
    await store(
      at(0, { activityStatus: 'SENT' }),
      at(1),
      at(2, { activityStatus: 'SENT', iid: 'june', messageId: 2, messageName: 'June sale' }),
      at(3, { activityStatus: 'READ', iid: 'june', messageId: 2 }),
      at(4, { activityStatus: 'READ', iid: 'june', messageId: 2 }),
      at(5, { ...click, iid: 'june', messageId: 2 }),
      at(6, { ...click, iid: 'june', messageId: 2 }),
      at(7, { ...click, clickEventLink: 'https://example.com/b' }),
    )
    const { lastMessage, clicks, summary } = await channel('email')
    expect(lastMessage).toMatchObject({
      message: { messageId: 2, messageName: 'June sale', iid: 'june' },
      state: 'CLICKED',
      sentAt: START + 2 * MINUTE,
      deliveredAt: null,
      readAt: START + 3 * MINUTE,
      reads: 2,
      clicks: [{ link: 'https://example.com/a', at: START + 5 * MINUTE, clicks: 2 }],
    })
    expect(summary).toContain(
      'read 1 May 2026, 12:03:00 (2 times); clicked https://example.com/a 1 May 2026, 12:05:00 (2 times).',
    )
    expect(clicks.map(({ link, message }) => [link, message['iid']])).toEqual([
      ['https://example.com/b', 'may'],
      ['https://example.com/a', 'june'],
      ['https://example.com/a', 'june'],
    ])
  })

  it('is not read by a machine', async () => {
    const click = (link: string) =>
      at(1, { activityStatus: 'CLICKED', clickEventLink: `https://example.com/${link}` })
    await store(
      at(0),
      at(1, { activityStatus: 'READ' }),
      ...['a', 'b', 'c'].map(click),
      at(9, { activityStatus: 'READ' }),
    )
    const { lastMessage, summary } = await channel('email')
    expect(lastMessage).toMatchObject({
      state: 'READ',
      readAt: START + 9 * MINUTE,
      reads: 1,
      clicks: [],
      machineAt: START + MINUTE,
    })
    expect(summary).toContain('opened by a machine, such as a mail scanner, 1 May 2026, 12:01')
  })

  it('may have no report of its delivery', async () => {
    await store(at(0, { activityStatus: 'SENT' }))
    expect((await channel('email')).summary).toContain('12:00:00; no delivery reported.')
  })
})

describe('an explanation', () => {
  it('is the same with events in the archive', async () => {
    await store(
      at(0, { activityStatus: 'SENT' }),
      at(1, HARD),
      at(2, { activityStatus: 'UNSUBSCRIBED' }),
      at(3, { email: 'new@example.com', iid: 'june' }),
      at(4, { email: 'new@example.com', iid: 'june', activityStatus: 'READ' }),
      at(5, { mediaType: 'sms', sms: '380671231001', iid: '' }),
    )
    const before = await explain()
    const events = await readStored()
    await archive(events.slice(0, 4))
    expect(await explain()).toEqual(before)
    await archive(events.slice(4))
    expect(await explain()).toEqual(before)
  })

  it('has every digit of IDs', async () => {
    await storeText(
      '[{"iid":"a","activityStatus":"READ","activityDateTime":"2023-09-14T08:30:03","mediaType":"email","messageId":9007199254740993,"contactId":9007199254740995}]',
    )
    const text = await (await read('/contacts/9007199254740995/explain')).text()
    expect(text).toContain('"contactId":9007199254740995')
    expect(text).toContain('"messageId":9007199254740993')
  })

  it('exists for known contacts only', async () => {
    expect((await read('/contacts/404/explain')).status).toBe(404)
    expect((await read('/contacts/x/explain')).status).toBe(404)
  })
})
