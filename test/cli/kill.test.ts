import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { readCredentials } from '../../src/cli/credentials.ts'
import { Checkout, findFreePort, type Program } from './checkout.ts'
import { PATIENT } from '../patience.ts'

const EVENTS_A_POST = 3

/** Within the limit of reads per minute. */
const UNHURRIED = { ...PATIENT, interval: 200 }

const totalsSchema = z.object({
  totals: z.array(z.object({ read: z.object({ events: z.int() }) })),
})

let checkout: Checkout
let receiver: Program
let port: number
/** The events of every POST that got 200. */
const accepted = new Set<string>()

beforeAll(async () => {
  checkout = new Checkout()
  port = await findFreePort()
  await start()
})

afterAll(async () => {
  await receiver.interrupt()
  checkout.remove()
})

async function start() {
  receiver = checkout.run('src/cli/start.ts', ['--port', String(port)])
  await receiver.prints(/Ctrl-C stops it/)
}

const secrets = () => readCredentials(join(checkout.folder, '.dev.vars')) ?? {}

async function read(path: string): Promise<string> {
  const headers = { Authorization: `Bearer ${secrets()['READ_TOKEN']}` }
  return (await fetch(`http://localhost:${port}${path}`, { headers })).text()
}

/** @returns whether it got 200 */
async function post(): Promise<boolean> {
  const { WEBHOOK_LOGIN, WEBHOOK_PASSWORD } = secrets()
  const iids = Array.from({ length: EVENTS_A_POST }, () => crypto.randomUUID())
  const events = iids.map((iid) => ({
    activityStatus: 'READ',
    activityDateTime: '2026-01-01T00:00:00',
    iid,
  }))
  const response = await fetch(`http://localhost:${port}/webhooks/yespo`, {
    method: 'POST',
    headers: { Authorization: `Basic ${btoa(`${WEBHOOK_LOGIN}:${WEBHOOK_PASSWORD}`)}` },
    body: JSON.stringify(events),
  }).catch(() => undefined)
  if (response?.status !== 200) return false
  for (const iid of iids) accepted.add(iid)
  return true
}

/** Posts one request after the other, several at once, until one is not accepted. */
async function postOn(): Promise<void> {
  const postInTurn = async () => {
    while (await post());
  }
  await Promise.all(Array.from({ length: 8 }, postInTurn))
}

/** Each as often as it is stored. */
async function listStored(): Promise<string[]> {
  const lines = await read('/activity.ndjson?since=2026-01-01&until=2026-01-02')
  return Array.from(lines.matchAll(/"iid":"([^"]+)"/g), ([, iid = '']) => iid)
}

async function countTotals(): Promise<number> {
  const body = await read('/reports/totals?since=2026-01-01&until=2026-01-02')
  const { totals } = totalsSchema.parse(JSON.parse(body))
  return totals.reduce((sum, { read: { events } }) => sum + events, 0)
}

/** An event of a POST without a response may be stored, too: what was on disk before the kill. */
async function expectAllOnce(): Promise<void> {
  await vi.waitFor(async () => {
    const stored = await listStored()
    expect([...accepted.difference(new Set(stored))]).toEqual([])
    expect(new Set(stored).size).toBe(stored.length)
    expect(await countTotals()).toBe(stored.length)
  }, UNHURRIED)
}

function killAll(): void {
  for (const id of checkout.listProcesses()) process.kill(id, 'SIGKILL')
}

/** Kills in the middle of a quick succession of POSTs, and starts again. */
async function restart(kill: () => void, isMoment: () => boolean | Promise<boolean>) {
  const posting = postOn()
  await vi.waitFor(async () => expect(await isMoment()).toBe(true), PATIENT)
  kill()
  await posting
  await receiver.done
  await start()
}

// Only Linux tells which processes run in a folder.
describe.skipIf(!existsSync('/proc'))('keeps every event that it accepted, once,', () => {
  it.each([1, 50, 300])('if everything is killed after %i POSTs', async (posts) => {
    const enough = accepted.size + posts * EVENTS_A_POST
    await restart(killAll, () => accepted.size >= enough)
    await expectAllOnce()
  })

  it('if everything is killed while the queue is being stored', async () => {
    const before = await countTotals()
    await restart(killAll, async () => (await countTotals()) > before)
    await expectAllOnce()
  })

  it('if it alone is killed, with which all that it started ends', async () => {
    const enough = accepted.size + 10 * EVENTS_A_POST
    const before = checkout.listProcesses()
    const killStart = () => process.kill(receiver.id ?? 0, 'SIGKILL')
    await restart(killStart, () => accepted.size > enough)
    expect(checkout.listProcesses().filter((id) => before.includes(id))).toEqual([])
    await expectAllOnce()
  })

  it('if it is killed while storing fails, and an upgrade migrates the database', async () => {
    const migrate = (name: string, sql: string) =>
      writeFileSync(join(checkout.folder, 'migrations', name), sql)
    migrate('9001_break.sql', 'ALTER TABLE totals RENAME TO lost_totals;')
    await receiver.interrupt()
    await start()
    const before = accepted.size
    for (let count = 0; count < 20; count++) expect(await post()).toBe(true)
    expect(accepted.size).toBe(before + 20 * EVENTS_A_POST)
    await receiver.prints(/"failed":[1-9]/)
    killAll()
    await receiver.done
    migrate('9002_mend.sql', 'ALTER TABLE lost_totals RENAME TO totals;')
    await start()
    await expectAllOnce()
  })
})
