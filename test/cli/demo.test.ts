import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { PATIENT } from '../patience.ts'
import { Checkout, findFreePort, type Program } from './checkout.ts'

const OWN = 'WEBHOOK_LOGIN="mine"\nREAD_TOKEN="a-token-of-my-own"\n'

let checkout: Checkout
let program: Program
let url: string

const listFolders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('yespo-demo-'))
const before = new Set(listFolders())
const listOwnFolders = () => listFolders().filter((name) => !before.has(name))

async function get<Body>(path: string): Promise<Body> {
  const [, token = ''] = /Read token +(\S+)/.exec(program.output) ?? []
  const response = await fetch(`${url}${path}`, { headers: { Authorization: `Bearer ${token}` } })
  expect(response.status, path).toBe(200)
  return (await response.json()) as Body
}

beforeAll(async () => {
  checkout = new Checkout()
  writeFileSync(join(checkout.folder, '.dev.vars'), OWN)
  const port = await findFreePort()
  url = `http://localhost:${port}`
  program = checkout.run('src/cli/demo.ts', ['--port', String(port)])
  await program.prints(/Ctrl-C stops it/)
})

afterAll(async () => {
  await program.interrupt()
  checkout.remove()
})

it('prints its URL and tokens, and nothing superfluous', () => {
  expect(program.output).toContain(`${url}/\n`)
  expect(program.output).toMatch(/Operate token +\S+ \(reads, changes and erases\)/)
  expect(program.output).not.toMatch(/error|warning|secrets|telemetry|update available/i)
})

it.each([
  ['/reports/messages?limit=20', 'report', 10],
  ['/reports/providers?limit=20', 'report', 5],
  ['/suppressions?limit=50', 'suppressions', 50],
  ['/quarantine?limit=20', 'quarantine', 3],
  ['/reports/anomalies', 'anomalies', 1],
  ['/erasures', 'erasures', 1],
])('has something to show: %s', async (path, field, count) => {
  const response = await get<Record<string, unknown[]>>(path)
  expect(response[field]?.length, JSON.stringify(response).slice(0, 500)).toBeGreaterThanOrEqual(
    count,
  )
})

it('compares what the webhook reported with the API', async () => {
  const count = async () => {
    const { total } = await get<{ total: { both: number; apiOnly: number } }>('/coverage')
    return Math.min(total.both, total.apiOnly)
  }
  await expect.poll(count, PATIENT).toBeGreaterThan(0)
})

it('gets new events all the time', async () => {
  const newest = async () => {
    const { activity } = await get<{ activity: { occurredAt: number }[] }>('/activity?limit=1')
    return activity[0]?.occurredAt ?? 0
  }
  const known = await newest()
  await expect.poll(newest, PATIENT).toBeGreaterThan(known)
})

it('stops while it prepares, too', async () => {
  const other = checkout.run('src/cli/demo.ts', ['--port', String(await findFreePort())])
  await other.prints(/events \d/)
  const folders = listOwnFolders().length
  expect(await other.interrupt()).toBe(0)
  expect(other.output).toMatch(/Stopping …\n$/)
  expect(listOwnFolders()).toHaveLength(folders - 1)
})

it('leaves data and credentials of the local receiver alone, and its own at the end', async () => {
  expect(listOwnFolders()).not.toEqual([])
  expect(await program.interrupt()).toBe(0)
  expect(program.output).toMatch(/Stopping …\n$/)
  await expect.poll(() => checkout.listProcesses(), PATIENT).toEqual([])
  expect(listOwnFolders()).toEqual([])
  expect(readFileSync(join(checkout.folder, '.dev.vars'), 'utf8')).toBe(OWN)
  expect(readdirSync(join(checkout.folder, '.wrangler'))).not.toContain('state')
})
