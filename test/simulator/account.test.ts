import { describe, expect, it } from 'vitest'
import { Account, type Request, type WebhookForm } from '../../src/simulator/account.ts'
import type { Element } from '../../src/simulator/traffic.ts'

const MINUTE = 60_000
const form: WebhookForm = { name: 'one', url: 'http://localhost/webhook' }

/** An account whose requests get the given statuses; records the requests. */
function open(respond: (request: Request, call: number) => number = () => 200) {
  const sent: Request[] = []
  const account = new Account(async (request) => {
    sent.push(request)
    const status = respond(request, sent.filter(({ method }) => method === 'POST').length)
    if (status === 0) throw new Error('no response')
    return { status, body: `response ${status}` }
  })
  const posts = () => sent.filter(({ method }) => method === 'POST')
  return { account, sent, posts, bodies: () => posts().map(({ body }) => body?.toString()) }
}

const element = (status: string, text = `"${status}"`): Element => ({
  status,
  bytes: Buffer.from(text),
  isPoison: false,
})

/** Sends everything pending, advancing time as needed. @returns the times of the attempts in minutes */
async function drain(account: Account, max = 50): Promise<number[]> {
  const times: number[] = []
  for (
    let next = account.nextDueAt();
    next !== undefined && times.length < max;
    next = account.nextDueAt()
  ) {
    account.now = Math.max(account.now, next)
    for (const webhook of account.due()) {
      times.push(account.now / MINUTE)
      await account.attempt(webhook)
    }
  }
  return times
}

describe('the form', () => {
  it('sends GET without credentials to the URL when it is saved', async () => {
    const { account, sent } = open()
    await account.create({ ...form, authentication: { login: 'a', password: 'b' } })
    expect(sent).toEqual([{ method: 'GET', url: form.url, headers: {} }])
  })

  it('is not saved if the GET fails', async () => {
    const { account } = open(() => 404)
    await expect(account.create(form)).rejects.toThrow('answered 404')
    expect(account.webhooks.size).toBe(0)
  })

  it('accepts five headers, but not a sixth', async () => {
    const { account } = open()
    const headers = Array.from({ length: 6 }, (_, i) => ({ key: `X-${i}`, value: 'v' }))
    await account.create({ ...form, headers: headers.slice(1) })
    await expect(account.create({ ...form, headers })).rejects.toThrow('at most 5 headers')
  })

  it('sends its current credentials and headers with every request', async () => {
    const { account, posts } = open(({ method }, call) =>
      method === 'POST' && call === 1 ? 500 : 200,
    )
    const webhook = await account.create(form)
    account.emit([element('READ')])
    await account.attempt(webhook)
    await account.edit(webhook, {
      authentication: { login: 'л', password: 'a:b' },
      headers: [{ key: 'X-Key', value: 'v' }],
    })
    await drain(account)
    expect(posts()[0]?.headers).not.toHaveProperty('Authorization')
    const pair = Buffer.from('л:a:b').toString('base64')
    expect(posts()[1]?.headers).toMatchObject({ Authorization: `Basic ${pair}`, 'X-Key': 'v' })
  })
})

describe('the stream', () => {
  it('repeats a request after 1, 2, 4 … 60 minutes, until it gets 200', async () => {
    const responses = [202, 204, 500, 0, 401, 503, 301, 400, 200]
    const { account } = open((request, call) =>
      request.method === 'GET' ? 200 : (responses[call - 1] ?? 200),
    )
    await account.create(form)
    account.emit([element('READ')])
    expect(await drain(account)).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183])
  })

  it('sends nothing before a failing request succeeds', async () => {
    const { account, bodies } = open((request, call) =>
      request.method === 'POST' && call < 4 ? 503 : 200,
    )
    await account.create(form)
    for (const text of ['1', '2', '3']) account.emit([element('READ', text)])
    await drain(account)
    expect(bodies()).toEqual(['[1]', '[1]', '[1]', '[1]', '[2]', '[3]'])
  })

  it('of one webhook is not blocked by another', async () => {
    const { account } = open(({ method, url }) =>
      method === 'POST' && url.endsWith('bad') ? 500 : 200,
    )
    await account.create({ ...form, url: 'http://localhost/bad' })
    const good = await account.create(form)
    account.emit([element('READ')])
    await drain(account, 5)
    expect(good.stream.length).toBe(0)
  })

  it('has only the selected statuses, and everything without a status', async () => {
    const { account, bodies } = open()
    await account.create({ ...form, statuses: ['SPAM', 'CLICKED'] })
    account.emit([element('READ'), element('SPAM')])
    account.emit([element('READ')])
    account.emit([{ bytes: Buffer.from('5'), isPoison: true }])
    await drain(account)
    expect(bodies()).toEqual(['["SPAM"]', '[5]'])
  })

  it('pauses while the webhook is inactive, and misses events of that time', async () => {
    const { account, bodies } = open()
    const webhook = await account.create(form)
    account.emit([element('READ', '1')])
    account.deactivate(webhook)
    account.emit([element('READ', '2')])
    expect(account.nextDueAt()).toBeUndefined()
    account.reactivate(webhook)
    account.emit([element('READ', '3')])
    await drain(account)
    expect(bodies()).toEqual(['[1]', '[3]'])
  })

  it('ends when the webhook is deleted', async () => {
    const { account } = open()
    const webhook = await account.create(form)
    account.emit([element('READ')])
    account.delete(webhook)
    expect(account.nextDueAt()).toBeUndefined()
  })
})

describe('Send test', () => {
  it.each([
    [200, 'green', 'response 200'],
    [202, 'red', 'response 202'],
    [403, 'red', 'response 403'],
  ])('with the response %i shows a %s banner with the details', async (status, banner, details) => {
    const { account, bodies } = open(({ method }) => (method === 'GET' ? 200 : status))
    await account.create(form)
    account.emit([element('READ')]) // not sent before the test
    expect(await account.sendTest(form, Buffer.from('{"edited":'))).toEqual({
      banner,
      code: status,
      details,
    })
    expect(bodies()).toEqual(['{"edited":'])
  })

  it('shows a red banner if nothing responds', async () => {
    const { account } = open(() => 0)
    expect(await account.sendTest(form, Buffer.from('[]'))).toMatchObject({
      banner: 'red',
      code: undefined,
    })
  })
})
