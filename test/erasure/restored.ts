import { env } from 'cloudflare:workers'
import { expect } from 'vitest'
import { app } from '../../src/routes.ts'
import { Invocation, limitD1, PLANS } from '../strict/index.ts'

/** The response to one step. */
type AgainStep = {
  phase: string
  scanned: number
  found: number
  underWay: number
  busy: boolean
  next: string | null
}

async function listTables(): Promise<string[]> {
  const { results } = await env.DB.prepare(
    `SELECT name FROM sqlite_master WHERE type = 'table'
     AND name NOT GLOB '_cf*' AND name NOT GLOB 'sqlite*' AND name NOT GLOB 'copy_*' AND name NOT GLOB 'd1_*'`,
  ).all<{ name: string }>()
  return results.map(({ name }) => name)
}

/** Copies all tables. */
export async function copyTables(): Promise<void> {
  for (const table of await listTables()) {
    await env.DB.batch([
      env.DB.prepare(`DROP TABLE IF EXISTS copy_${table}`),
      env.DB.prepare(`CREATE TABLE copy_${table} AS SELECT * FROM ${table}`),
    ])
  }
}

/** Restores the database from the copies, as Time Travel would. */
export async function restoreTables(): Promise<void> {
  const tables = await listTables()
  await env.DB.batch(
    tables.flatMap((table) => [
      env.DB.prepare(`DELETE FROM ${table}`),
      env.DB.prepare(`INSERT INTO ${table} SELECT * FROM copy_${table}`),
    ]),
  )
}

/** Deletes the copies. */
export async function dropCopies(): Promise<void> {
  for (const table of await listTables()) {
    await env.DB.prepare(`DROP TABLE IF EXISTS copy_${table}`).run()
  }
}

/** Reads the whole database as text. */
export async function dump(): Promise<string> {
  const rows = await Promise.all(
    (await listTables()).map(async (name) => [name, await readAll(name)]),
  )
  return JSON.stringify(rows)
}

/** The rows of a table, in which integers of any size are exact. */
async function readAll(table: string): Promise<unknown[]> {
  const sql = `SELECT 'quote("' || name || '")' AS cell FROM pragma_table_info('${table}')`
  const { results } = await env.DB.prepare(sql).all<{ cell: string }>()
  const cells = results.map(({ cell }) => cell).join()
  return (await env.DB.prepare(`SELECT ${cells} FROM ${table}`).all()).results
}

/** Sends a request as the operator. */
export async function operate(
  method: string,
  path: string,
  changed: object = {},
  body?: string,
): Promise<Response> {
  const init = {
    method,
    headers: { Authorization: 'Bearer read-token-for-tests' },
    ...(body && { body }),
  }
  return app.request(path, init, { ...env, ...changed })
}

/** Runs all steps of erasing again. @returns the number found, by what was searched */
export async function eraseAgain(
  changed: object,
  first: string | null = null,
): Promise<Record<string, number>> {
  const found: Record<string, number> = {}
  for (let [next, steps] = [first, 0]; steps === 0 || next !== null; steps++) {
    expect(steps).toBeLessThan(300)
    const query = next === null ? '' : `?next=${encodeURIComponent(next)}`
    const invocation = new Invocation('fetch', { limits: PLANS.paid })
    const DB = 'DB' in changed ? changed.DB : limitD1(env.DB, invocation)
    const response = await operate('POST', `/erasures/again${query}`, { ...changed, DB })
    const isFree = 'CLOUDFLARE_PLAN' in changed && changed.CLOUDFLARE_PLAN === 'free'
    if (isFree) expect(invocation.counts.statements, `${next}`).toBeLessThan(50)
    expect([response.status, await response.clone().text()]).toEqual([200, expect.anything()])
    const step: AgainStep = await response.json()
    found[step.phase] = (found[step.phase] ?? 0) + step.found
    next = step.next
  }
  return found
}
