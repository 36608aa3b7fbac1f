import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DAY_MS } from '../../src/event/clock.ts'
import { Shop } from '../../src/simulator/shop/shop.ts'
import type { Truth } from '../../src/simulator/shop/truth.ts'
import { SCHEDULE_PATH } from '../bench/meter-worker.ts'
import { Server } from '../bench/server.ts'
import { fill, findDatabase } from './fill.ts'

/** How many events there are, of how many days; the older half of the days is archived. */
export type Size = { events: number; days: number }

export const SEED = 20
export const OPERATE_TOKEN = 'operate-token-of-the-questions'
const MAX_SCHEDULED = 500

/** A receiver that has stored what a shop's webhook reported, and what really happened in the shop. */
export type Filled = {
  server: Server
  shop: Shop
  truth: Truth
  /** When the simulation ended: midnight in UTC, UTC milliseconds. */
  end: number
  /** The first day that is not archived. */
  keptSince: number
  close(): Promise<void>
}

/** Fills a receiver, and lets its schedule do everything that is due. */
export async function fillReceiver({ events, days }: Size): Promise<Filled> {
  const end = Math.floor(Date.now() / DAY_MS) * DAY_MS
  const keepDays = Math.ceil(days / 2)
  const settings = {
    KEEP_DAYS: String(keepDays),
    CLOUDFLARE_PLAN: 'paid',
    OPERATE_TOKEN,
  }
  const folder = mkdtempSync(join(tmpdir(), 'questions-'))
  await (await Server.start('receiver', undefined, settings, folder)).close() // makes the tables
  const shop = new Shop({ seed: SEED, events, start: end - days * DAY_MS, end })
  const truth = await fill(findDatabase(folder), shop)
  const server = await Server.start('receiver', undefined, settings, folder)
  await runSchedule(server)
  const close = async () => {
    await server.close()
    rmSync(folder, { recursive: true })
  }
  return { server, shop, truth, end, keptSince: end - keepDays * DAY_MS, close }
}

/** Runs the schedule until nothing is left to do. */
export async function runSchedule(server: Server): Promise<void> {
  for (let run = 0; run < MAX_SCHEDULED; run++) {
    await server.request('GET', SCHEDULE_PATH)
    const before = await server.readUsed()
    const after = await server.untilConsumed()
    const hasWritten = before.waiting > 0 || after.rowsWritten > before.rowsWritten
    if (!hasWritten && !(await isBusy(server))) return
  }
  throw new Error('the schedule never ends')
}

async function isBusy(server: Server): Promise<boolean> {
  const db = await server.database()
  const sql = `
    SELECT (SELECT count(*) FROM archive WHERE state <> 'done')
      + (SELECT count(*) FROM rollup_hours WHERE state <> 'done')
      + (SELECT count(*) FROM late_arrivals)
      + (SELECT count(*) FROM erasures WHERE finishedAt IS NULL)
      + NOT EXISTS (SELECT 1 FROM archive) AS things`
  return (await db.prepare(sql).first<number>('things')) !== 0
}
