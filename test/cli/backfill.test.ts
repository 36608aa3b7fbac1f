import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { drawBar } from '../../src/cli/progress.ts'
import { Checkout, type Program } from './checkout.ts'
import { describeInTerminal, runInTerminal, TERMINALS } from './terminal.ts'

const [SINCE, UNTIL] = [Date.parse('2026-01-01T00:00Z'), Date.parse('2026-01-02T00:00Z')]
const TOTAL = { both: 1_200, webhookOnly: 3, apiOnly: 40 }

type FakeResponse = { status: number; body: object }

let checkout: Checkout
let receiver: Server
let requests: string[]
/** The responses of `GET /backfill`, in order; the last is repeated. */
let states: (FakeResponse | object)[]
/** The responses of other requests. */
let responses: Record<string, FakeResponse>

const running = (progress: number) => ({ state: 'running', progress, error: null })

function respond(method: string, path: string): FakeResponse {
  if (`${method} ${path}` !== 'GET /backfill') {
    return responses[`${method} ${path}`] ?? { status: 500, body: {} }
  }
  const state = (states.length > 1 ? states.shift() : states[0]) ?? {}
  if ('status' in state) return state as FakeResponse
  const mine = { number: 7, since: SINCE, until: UNTIL, delay: null, ...state }
  return { status: 200, body: { backfills: [{ ...mine, ...running(0.1), number: 8 }, mine] } }
}

beforeEach(async () => {
  checkout = new Checkout()
  writeFileSync(join(checkout.folder, '.dev.vars'), 'READ_TOKEN="read"\nOPERATE_TOKEN="operate"\n')
  requests = []
  states = [{ state: 'finished', progress: 1, error: null }]
  responses = {
    'POST /backfill': { status: 200, body: { backfill: 7 } },
    'DELETE /backfill': { status: 200, body: { cancelled: 2 } },
    'GET /coverage': { status: 200, body: { total: TOTAL } },
  }
  receiver = createServer((request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers.authorization}`)
    const { pathname } = new URL(request.url ?? '', 'http://localhost')
    const { status, body } = respond(request.method ?? '', pathname)
    response.writeHead(status).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => receiver.listen(0, 'localhost', resolve))
})

afterEach(() => {
  receiver.closeAllConnections()
  receiver.close()
  checkout.remove()
})

function start(...args: string[]): Program {
  const url = `http://localhost:${(receiver.address() as AddressInfo).port}`
  const unset = { READ_TOKEN: '', OPERATE_TOKEN: '' }
  return checkout.run('src/cli/backfill.ts', ['--url', url, ...args], unset)
}

async function backfill(...args: string[]) {
  const program = start(...args)
  return { code: await program.done, output: program.output }
}

it('reads a period, shows the progress, and reports what was filled', async () => {
  const waiting = { ...running(0.555), delay: 'Yespo failed (500)' }
  states = [running(0), { status: 503, body: {} }, waiting, ...states]
  const { code, output } = await backfill('--since', '2026-01-01T00:00+02:00', '--until', 'x')
  expect(output).toMatch(/^0 %\nWaiting: Yespo failed \(500\)\n55 %\n100 %\n/)
  expect(output).toContain(
    'Events from 2026-01-01 00:00 UTC to 2026-01-02 00:00 UTC, by all syncs:',
  )
  expect(output).toMatch(/1,200 events in both the webhook and the API/)
  expect(output).toMatch(/3 events in the webhook only/)
  expect(output).toMatch(/40 events in the API only.*now they are stored/)
  expect(code).toBe(0)
  expect(requests).toEqual([
    'POST /backfill?since=2026-01-01T00%3A00%2B02%3A00&until=x Bearer operate',
    ...Array.from({ length: 4 }, () => 'GET /backfill Bearer operate'),
    `GET /coverage?since=${SINCE}&until=${UNTIL} Bearer operate`,
  ])
})

describeInTerminal('in a terminal', () => {
  it.each(TERMINALS)(
    'moves a bar %s, and shows above it what it is waiting for',
    async (_case, env) => {
      states = [running(0), { ...running(0.5), delay: 'Yespo failed (500)' }, ...states]
      const url = `http://localhost:${(receiver.address() as AddressInfo).port}`
      const args = ['--url', url, '--since', '2026-01-01']
      const program = runInTerminal(checkout, 'src/cli/backfill.ts', args, env)
      expect(await program.done).toBe(0)
      const bars = [0, 0.5, 1].map(drawBar)
      expect(program.raw.startsWith(`\r${bars[0]}\rWaiting: Yespo failed (500) `)).toBe(true)
      expect(program.raw).toMatch(`\r\n\r${bars[1]}\r${bars[2]}\r\nEvents from`)
      expect(program.raw).not.toContain('\x1b')
    },
  )
})

it('exits with 1 and the error if it was stopped', async () => {
  states = [{ state: 'stopped', progress: 0.25, error: 'The key is wrong.' }]
  const { code, output } = await backfill('--since', '2026-01-01')
  expect(output).toContain('Stopped: The key is wrong.')
  expect(code).toBe(1)
})

it.each([
  ['stopped', 'The key is wrong.', 'Stopped: The key is wrong.'],
  ['cancelled', null, 'Cancelled.'],
])('reports no events if it was %s before any was read', async (state, error, words) => {
  states = [{ state, progress: 0, error }]
  const { code, output } = await backfill('--since', '2026-01-01')
  expect(output).toContain(words)
  expect(output).not.toMatch(/Events from|events in|Stored events/)
  expect(requests.filter((line) => line.startsWith('GET /coverage'))).toEqual([])
  expect(code).toBe(1)
})

it('reports what is known if it was cancelled halfway', async () => {
  states = [{ state: 'cancelled', progress: 0.25, error: null }]
  const { output } = await backfill('--since', '2026-01-01')
  expect(output).toMatch(/Cancelled. Stored events stay.\nEvents from/)
})

it('reports why it was stopped, even if the coverage is not available', async () => {
  states = [{ state: 'stopped', progress: 0.25, error: 'The key is wrong.' }]
  responses['GET /coverage'] = { status: 500, body: {} }
  const { code, output } = await backfill('--since', '2026-01-01')
  expect(output).toContain('Stopped: The key is wrong.')
  expect(code).toBe(1)
})

it('says that nothing was filled if the webhook missed nothing', async () => {
  responses['GET /coverage'] = { status: 200, body: { total: { ...TOTAL, apiOnly: 0 } } }
  const { output } = await backfill('--since', '2026-01-01')
  expect(output).toMatch(/0 events in the API only\n/)
  expect(output).not.toContain('filled')
})

it('reports what could not be read of a finished backfill', async () => {
  states = [{ state: 'finished', progress: 1, error: 'A second is full.' }]
  const { code, output } = await backfill('--since', '2026-01-01')
  expect(output).toContain('A second is full.')
  expect(output).not.toContain('stopped')
  expect(code).toBe(0)
})

it('leaves the backfill running on Ctrl-C, and says how to cancel it', async () => {
  states = [running(0.3)]
  const program = start('--since', '2026-01-01')
  await program.prints(/30 %/)
  expect(await program.interrupt()).toBe(130)
  expect(program.output).toMatch(/The sync goes on[^]*npm run backfill -- --cancel --url http/)
  expect(requests.filter((line) => line.startsWith('DELETE'))).toEqual([])
})

it('cancels running backfills', async () => {
  const { code, output } = await backfill('--cancel')
  expect([code, requests]).toEqual([0, ['DELETE /backfill Bearer operate']])
  expect(output).toContain('Cancelled: 2 syncs.')
})

it('exits with 1 and sends no request without --since', async () => {
  const { code, output } = await backfill()
  expect([code, requests]).toEqual([1, []])
  expect(output).toContain('--since')
})

it.each([
  [['--sinse', '2026-01-01'], 'Unknown option “--sinse”.'],
  [['--since'], '--since needs a value.'],
  [['--since', '--until', 'x'], expect.stringMatching(/^--since needs a value/)],
  [['2026-01-01'], expect.stringMatching(/^Unexpected argument “2026-01-01”/)],
])('exits with one clear line and the usage for %j', async (args, line) => {
  const { code, output } = await backfill(...args)
  expect([code, requests]).toEqual([1, []])
  expect(output.split('\n').slice(0, 3)).toEqual([line, '', expect.stringMatching(/^Reads a/)])
  expect(output).toContain('--cancel')
  expect(output).not.toMatch(/TypeError|at .*\.ts/)
})

it("exits with 1 and the receiver's message if that rejects the request", async () => {
  responses['POST /backfill'] = { status: 409, body: { error: { message: 'Set the secret' } } }
  const { code, output } = await backfill('--since', '2026-01-01')
  expect(code).toBe(1)
  expect(output).toMatch('The receiver responded 409: Set the secret\n')
})

it.each([0, 0.001, 0.5, 0.999, 1])('draws a bar of the same width for %d', (share) => {
  expect(drawBar(share)).toHaveLength(drawBar(0).length)
  expect(drawBar(share)).toContain(`${Math.floor(share * 100)} %`)
  expect(drawBar(share).includes('░')).toBe(share < 1)
})
