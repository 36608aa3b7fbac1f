import { afterAll, beforeAll, expect, it } from 'vitest'
import { Checkout, findFreePort, type Program } from './checkout.ts'
import { ActivityApi } from '../../src/simulator/activity-api.ts'
import { credentials, KEY } from '../simulator/activity-reader.ts'
import { Random } from '../../src/simulator/random.ts'

const PATH = '/v2/contacts/activity'
const day = '?dateFrom=2026-01-05T00:00:00&dateTo=2026-01-05T23:59:59'
const headers = credentials('any', KEY)

/** An API with one event. */
function open(): ActivityApi {
  const api = new ActivityApi({ apiKey: KEY, random: new Random(1) })
  const text =
    '{"activityStatus":"READ","activityDateTime":"2026-01-05T12:00:00","messageName":"ї"}'
  api.record([{ status: 'READ', bytes: Buffer.from(text), isPoison: false }])
  return api
}

it('responds the same over HTTP as without', async () => {
  await using server = await closing(open().listen())
  const response = await fetch(`${server.url}${PATH}${day}`, { headers })
  expect(response.headers.get('Content-Type')).toContain('application/json')
  expect(await response.json()).toMatchObject([{ activityStatus: 'READ', messageName: 'ї' }])
  const rejected = await fetch(`${server.url}${PATH}${day}`)
  expect(rejected.status).toBe(401)
  expect(rejected.headers.get('WWW-Authenticate')).toContain('Basic')
})

it('breaks the connection if a response is truncated', async () => {
  const api = open()
  api.isBroadcasting = true
  api.oddities.breaksOff = 1
  await using server = await closing(api.listen())
  const response = await fetch(`${server.url}${PATH}${day}`, { headers })
  expect(response.status).toBe(200)
  await expect(response.text()).rejects.toThrow('terminated')
})

it('lets a call hang until it is closed', async () => {
  const api = open()
  api.isBroadcasting = true
  api.oddities.hangs = 1
  const reached = Promise.withResolvers<void>()
  const server = await api.listen({ clock: () => (reached.resolve(), 0) })
  const call = fetch(`${server.url}${PATH}${day}`, { headers })
  const failed = expect(call).rejects.toThrow('fetch failed')
  await reached.promise
  await server.close()
  await failed
})

it('uses the given clock', async () => {
  const api = open()
  await using server = await closing(api.listen({ clock: () => Date.UTC(2026, 5) }))
  const response = await fetch(`${server.url}${PATH}${day}`, { headers })
  expect(await response.json()).toEqual([])
})

it('says so if its port is in use', async () => {
  await using server = await closing(open().listen())
  const port = Number(new URL(server.url).port)
  await expect(open().listen({ port })).rejects.toThrow('EADDRINUSE')
})

async function closing(listening: ReturnType<ActivityApi['listen']>) {
  const { url, close } = await listening
  return { url, [Symbol.asyncDispose]: close }
}

let checkout: Checkout

beforeAll(() => {
  checkout = new Checkout()
})

afterAll(() => checkout.remove())

const run = (...args: string[]): Program => checkout.run('src/cli/yespo.ts', ['api', ...args])

it('serves simulated traffic up to today, with the printed command', async () => {
  const port = String(await findFreePort())
  const program = run('--key', KEY, '--events', '3000', '--zone', 'Europe/Kyiv', '--port', port)
  await program.prints(/Ctrl-C stops it/)
  const [, url = ''] = /curl -u any:KEY '(.+)'/.exec(program.output) ?? []
  expect(url).toContain(`http://127.0.0.1:${port}/api${PATH}?dateFrom=`)
  const rows = (await (await fetch(url, { headers })).json()) as { activityDateTime: string }[]
  expect(rows.at(-1)?.activityDateTime).toMatch(/T0[23]:00:00$/) // in Kyiv, when a UTC day starts
  expect(program.output).toMatch(/stream --events 3000 --seed 1 --start 20\d\d-/)
  expect(program.output).not.toContain(KEY)
  expect(await program.interrupt()).toBe(0)
})
