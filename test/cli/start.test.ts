import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { readCredentials } from '../../src/cli/credentials.ts'
import { Checkout, findFreePort, type Program } from './checkout.ts'
import { PATIENT } from '../patience.ts'

const hasIPv6 = networkInterfaces()['lo']?.some(({ family }) => family === 'IPv6') ?? true

let checkout: Checkout
let receiver: Program
let url: string
let port: number

const start = () => checkout.run('src/cli/start.ts', ['--port', String(port)])
const sendTest = (...args: string[]) =>
  checkout.run('src/cli/send-test.ts', ['--url', `${url}/webhooks/yespo`, ...args])

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

it('generates strong credentials, and prints them with the URL', () => {
  const { WEBHOOK_LOGIN: login, ...others } = secrets()
  expect(Object.keys(others).sort()).toEqual(['OPERATE_TOKEN', 'READ_TOKEN', 'WEBHOOK_PASSWORD'])
  const made = Object.values(others)
  for (const value of made) expect(value).toMatch(/^[\w-]{32}$/)
  expect(new Set(made).size).toBe(3)
  expect(statSync(join(checkout.folder, '.dev.vars')).mode & 0o777).toBe(0o600)
  for (const text of [`${url}/webhooks/yespo`, login, ...made]) {
    expect(receiver.output).toContain(text)
  }
})

it('accepts a file without OPERATE_TOKEN, and says what that means', async () => {
  const other = new Checkout()
  const file = join(other.folder, '.dev.vars')
  const text =
    'WEBHOOK_LOGIN="yespo"\nWEBHOOK_PASSWORD="some-long-password"\nREAD_TOKEN="some-longer-token"\n'
  writeFileSync(file, text)
  const program = other.run('src/cli/start.ts', ['--port', String(await findFreePort())])
  await program.prints(/Operate token +not set/)
  expect(program.output).toMatch(/Read token +some-longer-token \(reads, changes and erases\)/)
  await program.interrupt()
  expect(readFileSync(file, 'utf8')).toBe(text)
  other.remove()
})

it.each(['127.0.0.1', '0.0.0.0', ...(hasIPv6 ? ['::1', '::'] : [])])(
  'says at once that its port is in use by a server on %s',
  async (host) => {
    const other = new Checkout()
    const before = readdirSync(other.folder)
    const server = createServer().listen(0, host)
    await once(server, 'listening')
    const { port: taken } = server.address() as AddressInfo
    const program = other.run('src/cli/start.ts', ['--port', String(taken)])
    expect(await program.done).toBe(1)
    expect(program.output).toMatch(
      new RegExp(`^Port ${taken} is already in use\\. .*npm start -- --port \\d+\n$`),
    )
    expect(readdirSync(other.folder)).toEqual(before)
    server.close()
    other.remove()
  },
)

it('says where it runs if it is started a second time', async () => {
  const program = checkout.run('src/cli/start.ts', ['--port', String(await findFreePort())])
  expect(await program.done).toBe(1)
  expect(program.output).toBe(
    `The receiver of this folder already runs at ${url} (process ${receiver.id}). Stop it first.\n`,
  )
})

it('says so if it cannot write its database', async () => {
  const other = new Checkout()
  writeFileSync(join(other.folder, '.wrangler'), '')
  const program = other.run('src/cli/start.ts', ['--port', String(await findFreePort())])
  expect(await program.done).toBe(1)
  expect(program.output).toBe(
    'The local database cannot be stored: .wrangler is not a writable folder (EEXIST).\n',
  )
  other.remove()
})

// Only Linux tells which processes run in a folder.
const itOnLinux = it.skipIf(!existsSync('/proc'))

describe('stopping', () => {
  let other: Checkout
  let program: Program

  beforeEach(async () => {
    other = new Checkout()
    program = other.run('src/cli/start.ts', ['--port', String(await findFreePort())])
    await program.prints(/Ctrl-C stops it/)
  })

  afterEach(() => other.remove())

  const listWranglers = () => other.listProcesses().filter((id) => id !== program.id)

  /** A line of what Linux tells of a process. */
  const readStatus = (id: number, name: string) =>
    new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]

  function kill(id: number | undefined): void {
    expect(id).toBeDefined()
    if (id !== undefined) process.kill(id, 'SIGKILL')
  }

  it('ends at once on the second Ctrl-C, with every process that it started', async () => {
    // A wrangler that never ends by itself.
    for (const id of listWranglers()) process.kill(id, 'SIGSTOP')
    void program.interrupt()
    await program.prints(/Stopping/)
    const again = setInterval(() => void program.interrupt(), 100)
    expect(await program.done).toBe(130)
    clearInterval(again)
    await expect.poll(listWranglers, PATIENT).toEqual([])
  })

  itOnLinux('ends when wrangler does, even if processes of wrangler live on', async () => {
    // Not the first one of the list: the numbers of processes begin again at some point.
    const [wrangler] = listWranglers().filter((id) => readStatus(id, 'PPid') === String(program.id))
    kill(wrangler)
    expect(await program.done).toBe(1)
    expect(program.output).toContain('The receiver exited unexpectedly (SIGKILL).')
    await expect.poll(listWranglers, PATIENT).toEqual([])
  })

  itOnLinux(
    'goes on when the runtime crashes, and ends if wrangler cannot start it again',
    async () => {
      const { origin } = new URL(/http:\S+/.exec(program.output)?.[0] ?? '')
      const runtimes = listWranglers().filter((id) => readStatus(id, 'Name') === 'workerd')
      const isProxy = (id: number) =>
        /entry=127\.0\.0\.1:[1-9]/.test(readFileSync(`/proc/${id}/cmdline`, 'utf8'))
      kill(runtimes.find((id) => !isProxy(id)))
      await program.prints(/crashed unexpectedly/)
      await expect.poll(async () => (await fetch(`${origin}/health`)).status, PATIENT).toBe(200)

      kill(runtimes.find(isProxy))
      expect(await program.done).toBe(1)
      expect(program.output).toContain('The receiver crashed, and does not respond any more.')
      await expect.poll(listWranglers, PATIENT).toEqual([])
    },
  )

  it('stops when its output is closed', async () => {
    program.hangUp()
    const { port: listening } = new URL(/http:\S+/.exec(program.output)?.[0] ?? '')
    await fetch(`http://localhost:${listening}/health`) // which it logs
    expect(await program.done).toBe(0)
    await expect.poll(listWranglers, PATIENT).toEqual([])
  })
})

it('warns if it rejects everyone', async () => {
  const other = new Checkout()
  writeFileSync(join(other.folder, '.dev.vars'), 'WEBHOOK_LOGIN="yespo"\n')
  const program = other.run('src/cli/start.ts', ['--port', String(await findFreePort())])
  await program.prints(/rejects all requests from Yespo\. The setting WEBHOOK_PASSWORD is missing/)
  await program.interrupt()
  other.remove()
})

it('says which setting is invalid, but also its URL', async () => {
  const other = new Checkout()
  const file = join(other.folder, 'wrangler.toml')
  writeFileSync(file, readFileSync(file, 'utf8').replace('KEEP_DAYS = "400"', 'KEEP_DAYS = "ever"'))
  const program = other.run('src/cli/start.ts', ['--port', String(await findFreePort())])
  await program.prints(/a setting is invalid\. The setting KEEP_DAYS [^]*Ctrl-C stops it/)
  await program.interrupt()
  expect(program.output).toContain('Stopping …')
  other.remove()
})

it('runs the schedule with the command that it prints', async () => {
  const [, address = ''] = /curl (http\S+scheduled)/.exec(receiver.output) ?? []
  const response = await fetch(address)
  expect([response.status, await response.text()]).toEqual([200, 'ok'])
})

it('runs with an archive, too', async () => {
  const other = new Checkout()
  other.nameBucket()
  const elsewhere = await findFreePort()
  const program = other.run('src/cli/start.ts', ['--port', String(elsewhere)])
  await program.prints(/Ctrl-C stops it/)
  const responses = ['health', 'cdn-cgi/local/scheduled'].map(async (path) => {
    return (await fetch(`http://localhost:${elsewhere}/${path}`)).status
  })
  expect(await Promise.all(responses)).toEqual([200, 200])
  await program.interrupt()
  other.remove()
})

it('prints nothing superfluous', () => {
  expect(receiver.output).not.toMatch(/error|warning|telemetry|update available|\bcf\b/i)
})

it('does not allow erasures with the read token', async () => {
  const { READ_TOKEN, OPERATE_TOKEN } = secrets()
  const erase = async (token = '') => {
    const headers = { Authorization: `Bearer ${token}` }
    return (await fetch(`${url}/contacts/404`, { method: 'DELETE', headers })).status
  }
  expect([await erase(READ_TOKEN), await erase(OPERATE_TOKEN)]).toEqual([401, 200])
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
  [['--header', 'no colon'], /--header must be 'Name: value'/],
  [Array.from({ length: 6 }, (_, i) => ['--header', `X-${i}: 1`]).flat(), /at most 5 headers/],
  [['--url', 'http://localhost:1/'], /✘ /],
  [['--file', 'missing.json'], /✘ .*missing\.json/],
])('exits with 1 for %j', async (args, expected) => {
  const program = sendTest(...args)
  expect(await program.done).toBe(1)
  expect(program.output).toMatch(expected)
})

it('shows status and body of the response to a malformed body', async () => {
  writeFileSync(join(checkout.folder, 'broken.json'), '[{"a":1},]')
  const program = sendTest('--file', 'broken.json')
  expect(await program.done).toBe(1)
  expect(program.output).toMatch(/✘ broken\.json: 400\n.*line 1, column 10/)
})

it('still has every accepted event after a restart, even those that arrived while it stopped', async () => {
  const { WEBHOOK_LOGIN, WEBHOOK_PASSWORD, READ_TOKEN } = secrets()
  const pair = Buffer.from(`${WEBHOOK_LOGIN}:${WEBHOOK_PASSWORD}`).toString('base64')
  const accepted: string[] = []
  /** Posts events until one is not accepted. */
  const postOn = async () => {
    for (;;) {
      const iid = crypto.randomUUID()
      const event = { activityStatus: 'READ', activityDateTime: '2030-01-01T00:00:00', iid }
      const response = await fetch(`${url}/webhooks/yespo`, {
        method: 'POST',
        headers: { Authorization: `Basic ${pair}` },
        body: JSON.stringify(event),
      }).catch(() => undefined)
      if (response?.status !== 200) return
      accepted.push(iid)
    }
  }
  const posting = Array.from({ length: 4 }, postOn)
  await vi.waitFor(() => expect(accepted.length).toBeGreaterThan(20), PATIENT)
  void receiver.interrupt() // npm passes on Ctrl-C from the terminal, too
  expect(await receiver.interrupt()).toBe(0)
  await Promise.all(posting)
  receiver = start()
  await receiver.prints(/Ctrl-C stops it/)
  expect(receiver.output).not.toContain('with new credentials')
  const listStored = async () => {
    const answer = await fetch(`${url}/activity.ndjson?since=2030-01-01`, {
      headers: { Authorization: `Bearer ${READ_TOKEN}` },
    })
    const stored = (await answer.text()).matchAll(/"iid":"([^"]+)"/g)
    return [...stored].map(([, iid]) => iid).toSorted()
  }
  await expect.poll(listStored, PATIENT).toEqual(accepted.toSorted())
})
