import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { DAY_MS, HOUR_MS } from '../../src/event/clock.ts'
import { Shop } from '../../src/simulator/shop/shop.ts'
import type { Truth } from '../../src/simulator/shop/truth.ts'
import { SCHEDULE_PATH, type Used } from '../bench/meter-worker.ts'
import { Server } from '../bench/server.ts'
import { fill, findDatabase } from './fill.ts'

/** How many events there are, of how many days; the older half of the days is archived. */
export type Size = { events: number; days: number }

const SEED = 20
export const OPERATE_TOKEN = 'operate-token-of-the-questions'
const MAX_SCHEDULED = 500
const POLL_MS = 50
const INCIDENT_HOURS = 12 // at least

/** A receiver that has stored what a shop's webhook reported, and what really happened in the shop. */
export type Filled = {
  server: Server
  shop: Shop
  truth: Truth
  /** When the simulation ended: midnight in UTC, UTC milliseconds. */
  end: number
  /** The first day that is not archived. */
  keptSince: number
  /** Outlook rejects most mails, since an hour before the last large mailing. */
  incident: { since: number; until: number }
  /** Starts the receiver again, with more settings. */
  restart(settings: Readonly<Record<string, string>>): Promise<void>
  close(): Promise<void>
}

/**
 * Fills a receiver, and lets its schedule do everything that is due: first what it does within hours of an event, and
 * then the archive.
 */
export async function fillReceiver({ events, days }: Size): Promise<Filled> {
  const end = Math.floor(Date.now() / DAY_MS) * DAY_MS
  const keepDays = Math.ceil(days / 2)
  const folder = mkdtempSync(join(tmpdir(), 'questions-'))
  const start = (KEEP_DAYS: string, more: Readonly<Record<string, string>> = {}) => {
    const settings = { KEEP_DAYS, CLOUDFLARE_PLAN: 'paid', OPERATE_TOKEN, ...more }
    return Server.start('receiver', undefined, settings, folder)
  }
  await (await start('0')).close() // makes the tables
  const options = { seed: SEED, events, start: end - days * DAY_MS, end }
  const incident = { since: findLastMailing(new Shop(options), end) - HOUR_MS, until: end }
  const rejected = { kind: 'rejected', provider: 'outlook', share: 0.7, ...incident } as const
  const shop = new Shop({ ...options, incidents: [rejected] })
  const truth = await fill(findDatabase(folder), shop)
  const keeping = await start('0')
  await runSchedule(keeping)
  await keeping.close()
  const server = await start(String(keepDays))
  await runSchedule(server)
  if ((await countArchived(server)) === 0) throw new Error('nothing was archived')
  const filled: Filled = {
    server,
    shop,
    truth,
    end,
    keptSince: end - keepDays * DAY_MS,
    incident,
    async restart(settings) {
      await filled.server.close()
      filled.server = await start(String(keepDays), settings)
    },
    async close() {
      await filled.server.close()
      rmSync(folder, { recursive: true })
    },
  }
  return filled
}

/** When the last broadcast by email began, so that what happens to it can be told: UTC milliseconds, at an hour. */
function findLastMailing({ broadcasts }: Shop, end: number): number {
  const mailing = broadcasts.findLast(
    ({ campaign, at }) =>
      campaign.message.channel === 'email' && at < end - INCIDENT_HOURS * HOUR_MS,
  )
  return Math.floor((mailing?.at ?? end) / HOUR_MS) * HOUR_MS
}

/** Runs the schedule until nothing is left to do. */
export async function runSchedule(server: Server): Promise<void> {
  for (let run = 0; run < MAX_SCHEDULED; run++) {
    await server.request('GET', SCHEDULE_PATH)
    const before = await server.readUsed()
    const after = await untilIdle(server)
    const hasWritten = before.waiting > 0 || after.rowsWritten > before.rowsWritten
    if (!hasWritten && !(await isBusy(server))) return
  }
  throw new Error('the schedule never ends')
}

/** Waits until all tasks have ended, however long that takes. */
async function untilIdle(server: Server): Promise<Used> {
  for (;;) {
    const used = await server.readUsed()
    if (used.waiting === 0) return used
    await setTimeout(POLL_MS)
  }
}

async function isBusy(server: Server): Promise<boolean> {
  const db = await server.database()
  const sql = `
    SELECT (SELECT count(*) FROM archive WHERE state <> 'done')
      + (SELECT count(*) FROM rollup_hours WHERE state IN ('new', 'begun'))
      + (SELECT count(*) FROM late_arrivals)
      + (SELECT count(*) FROM erasures WHERE finishedAt IS NULL)
 AS things`
  return (await db.prepare(sql).first<number>('things')) !== 0
}

async function countArchived(server: Server): Promise<number> {
  const db = await server.database()
  return (
    (await db.prepare('SELECT sum(events) AS events FROM archive').first<number>('events')) ?? 0
  )
}
