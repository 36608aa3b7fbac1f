import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readCredentials } from '../../src/setup/credentials.ts'
import { Checkout, findFreePort, type Program } from './checkout.ts'

let checkout: Checkout
let receiver: Program
let url: string
let port: number

const start = () => checkout.run('src/setup/start.ts', ['--port', String(port)])
const sendTest = (...args: string[]) =>
  checkout.run('test/yespo/send-test.ts', ['--url', `${url}/webhooks/yespo`, ...args])

beforeAll(async () => {
  checkout = new Checkout()
  port = await findFreePort()
  url = `http://localhost:${port}`
  receiver = start()
  await receiver.prints(/Ctrl-C stops it/)
})

afterAll(async () => {
  await receiver.interrupt()
  checkout.remove()
})

const secrets = () => readCredentials(join(checkout.folder, '.dev.vars')) ?? {}

it('makes credentials that nobody can guess, and says them with the address', () => {
  const { WEBHOOK_LOGIN, WEBHOOK_PASSWORD, READ_TOKEN } = secrets()
  expect(WEBHOOK_PASSWORD).toMatch(/^[\w-]{32}$/)
  expect(READ_TOKEN).toMatch(/^[\w-]{32}$/)
  expect(READ_TOKEN).not.toBe(WEBHOOK_PASSWORD)
  expect(statSync(join(checkout.folder, '.dev.vars')).mode & 0o777).toBe(0o600)
  for (const text of [`${url}/webhooks/yespo`, WEBHOOK_LOGIN, WEBHOOK_PASSWORD, READ_TOKEN]) {
    expect(receiver.output).toContain(text)
  }
})

it('says so when it refuses everyone', async () => {
  const other = new Checkout()
  writeFileSync(join(other.folder, '.dev.vars'), 'WEBHOOK_LOGIN="yespo"\n')
  const program = other.run('src/setup/start.ts', ['--port', String(await findFreePort())])
  await program.prints(/refuses everyone\. The setting WEBHOOK_PASSWORD is missing/)
  await program.interrupt()
  other.remove()
})

it('says which setting is wrong, and how it is reached all the same', async () => {
  const other = new Checkout()
  const file = join(other.folder, 'wrangler.toml')
  writeFileSync(file, readFileSync(file, 'utf8').replace('KEEP_DAYS = "400"', 'KEEP_DAYS = "ever"'))
  const program = other.run('src/setup/start.ts', ['--port', String(await findFreePort())])
  await program.prints(/a setting is wrong\. The setting KEEP_DAYS [^]*Ctrl-C stops it/)
  await program.interrupt()
  expect(program.output).toContain('What comes in from now on may be lost')
  other.remove()
})

it('runs the schedule when asked to, by the command that it says', async () => {
  const [, address = ''] = /curl (http\S+scheduled)/.exec(receiver.output) ?? []
  const response = await fetch(address)
  expect([response.status, await response.text()]).toEqual([200, 'ok'])
})

it('runs with an archive, too', async () => {
  const other = new Checkout()
  other.nameBucket()
  const elsewhere = await findFreePort()
  const program = other.run('src/setup/start.ts', ['--port', String(elsewhere)])
  await program.prints(/Ctrl-C stops it/)
  const answers = ['health', 'cdn-cgi/local/scheduled'].map(async (path) => {
    return (await fetch(`http://localhost:${elsewhere}/${path}`)).status
  })
  expect(await Promise.all(answers)).toEqual([200, 200])
  await program.interrupt()
  other.remove()
})

it('makes no noise', () => {
  expect(receiver.output).not.toMatch(/error|warning|telemetry|update available|\bcf\b/i)
})

it("sends Yespo's samples and shows them as a table", async () => {
  const program = sendTest()
  expect(await program.done).toBe(0)
  expect(program.output).toMatch(/✔ sample-broadcast\.json: 200 .*"accepted":4/)
  expect(program.output).toMatch(/✔ sample-triggered\.json: 200 .*"accepted":3/)
  expect(program.output.match(/│ '?(UN)?DELIVERED'? +│/g)).toHaveLength(7)
})

it('sends headers as UTF-8, as Yespo does', async () => {
  const program = sendTest('--header', 'X-Shop: Київ')
  expect(await program.done).toBe(0)
})

it.each([
  [['--password', 'wrong'], /✘ .* 401\n[^]*"code":"unauthorized"/],
  [['--header', 'no colon'], /--header takes 'Name: value'/],
  [Array.from({ length: 6 }, (_, i) => ['--header', `X-${i}: 1`]).flat(), /at most 5 headers/],
  [['--url', 'http://localhost:1/'], /✘ /],
  [['--file', 'missing.json'], /✘ .*missing\.json/],
])('ends with 1 for %j', async (args, expected) => {
  const program = sendTest(...args)
  expect(await program.done).toBe(1)
  expect(program.output).toMatch(expected)
})

it('shows code and body for a body that is broken', async () => {
  writeFileSync(join(checkout.folder, 'broken.json'), '[{"a":1},]')
  const program = sendTest('--file', 'broken.json')
  expect(await program.done).toBe(1)
  expect(program.output).toMatch(/✘ broken\.json: 400\n.*line 1, column 10/)
})

it('still has the events after a restart, even those of the last moment', async () => {
  const event = {
    activityStatus: 'READ',
    activityDateTime: '2030-01-01T00:00:00',
    iid: 'last-moment',
  }
  const { WEBHOOK_LOGIN, WEBHOOK_PASSWORD, READ_TOKEN } = secrets()
  const pair = Buffer.from(`${WEBHOOK_LOGIN}:${WEBHOOK_PASSWORD}`).toString('base64')
  const response = await fetch(`${url}/webhooks/yespo`, {
    method: 'POST',
    headers: { Authorization: `Basic ${pair}` },
    body: JSON.stringify(event),
  })
  expect(response.status).toBe(200)
  expect(await receiver.interrupt()).toBe(0)
  receiver = start()
  await receiver.prints(/Ctrl-C stops it/)
  expect(receiver.output).not.toContain('Made new credentials')
  const answer = await fetch(`${url}/activity?limit=1`, {
    headers: { Authorization: `Bearer ${READ_TOKEN}` },
  })
  expect(await answer.json()).toMatchObject({ activity: [event] })
})
