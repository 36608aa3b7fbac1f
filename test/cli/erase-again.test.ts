import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Checkout } from './checkout.ts'

type FakeResponse = { status: number; body: object }

let checkout: Checkout
let receiver: Server
let requests: string[]
let responses: FakeResponse[]

beforeEach(async () => {
  checkout = new Checkout()
  writeFileSync(join(checkout.folder, '.dev.vars'), 'READ_TOKEN="read"\nOPERATE_TOKEN="operate"\n')
  requests = []
  responses = []
  receiver = createServer((request, response) => {
    let sent = ''
    request.on('data', (chunk) => (sent += chunk))
    request.on('end', () => {
      requests.push(`${request.method} ${request.url} ${sent}`.trim())
      const { status, body } = responses.shift() ?? { status: 400, body: { nothing: 'more' } }
      response.writeHead(status).end(JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, 'localhost', resolve))
})

afterEach(() => {
  receiver.close()
  checkout.remove()
})

async function run(...options: string[]) {
  const url = `http://localhost:${(receiver.address() as AddressInfo).port}`
  const unset = { READ_TOKEN: '', OPERATE_TOKEN: '' }
  const program = checkout.run('src/cli/erase-again.ts', ['--url', url, ...options], unset)
  return { code: await program.done, output: program.output }
}

const step = (phase: string, next: string | null, changes: object = {}): FakeResponse => ({
  status: 200,
  body: { phase, scanned: 10, found: 0, underWay: 0, busy: false, next, ...changes },
})

it('runs step after step, waits for the schedule, and retries if that may help', async () => {
  responses = [
    step('record', 'contacts'),
    step('contacts', 'contacts ["7"]', { busy: true, scanned: 0 }),
    { status: 503, body: {} },
    step('contacts', 'contacts ["7"]', { found: 1 }),
    step('contacts', 'erase'),
    step('erase', 'erase', { underWay: 1 }),
    step('erase', null),
  ]
  const { code, output } = await run()
  expect([code, output]).toEqual([
    0,
    expect.stringMatching(
      /contacts: 20 searched, 1 found\n1 under way\n[^]*Done: everyone is erased again/,
    ),
  ])
  expect(requests.slice(0, 3)).toEqual([
    'POST /erasures/again',
    'POST /erasures/again?next=contacts',
    'POST /erasures/again?next=contacts%20%5B%227%22%5D',
  ])
})

it('saves a record, and sends it in the same pages', async () => {
  const pages = [
    { erased: [['a', 1]], key: 'k', erasures: [] },
    { erased: [], key: 'k', erasures: [] },
  ]
  responses = [
    { status: 200, body: { record: pages[0], next: 'a' } },
    { status: 200, body: { record: pages[1], next: null } },
  ]
  const file = join(checkout.folder, 'erased.ndjson')
  const saved = await run('--save', file)
  expect([saved.code, saved.output]).toEqual([0, expect.stringMatching(/has 1 anonymous digests/)])
  const lines = pages.map((page) => JSON.stringify(page))
  expect(readFileSync(file, 'utf8')).toBe(`${lines.join('\n')}\n`)
  expect(requests).toEqual(['GET /erasures/record', 'GET /erasures/record?cursor=a'])
  requests = []
  responses = [...lines.map(() => ({ status: 200, body: { imported: 1 } })), step('contacts', null)]
  const sent = await run('--from', file)
  expect([sent.code, sent.output]).toEqual([
    0,
    expect.stringMatching(/nothing had to be erased again/),
  ])
  expect(requests).toEqual([
    ...lines.map((line) => `POST /erasures/record ${line}`),
    'POST /erasures/again?next=contacts',
  ])
})

it.each([
  [['--from', 'nowhere.ndjson'], /nowhere\.ndjson cannot be read/],
  [['--foo'], /Unknown option “--foo”/],
  [[], /The receiver responded 400: \{"nothing":"more"\}\nFix this and start it again/],
])('exits with 1 for %j', async (options, expected) => {
  const { code, output } = await run(...options)
  expect([code, output]).toEqual([1, expect.stringMatching(expected)])
})
