import { beforeEach, expect, it } from 'vitest'
import {
  Account,
  Invocation,
  limitD1,
  PLANS,
  VirtualClock,
  type InvocationOptions,
} from './index.ts'
import { memoryD1 } from './node.ts'

const NOON = Date.UTC(2026, 0, 5, 12)
const MIDNIGHT = Date.UTC(2026, 0, 6)
const LENIENT = { maxDelaySeconds: 86_400, acknowledgedBeforeKill: 'kept' } as const

let db: D1Database

beforeEach(async () => {
  db = memoryD1()
  await db.exec('CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT) STRICT')
})

const limited = (options: InvocationOptions = {}) => limitD1(db, new Invocation('fetch', options))
const insert = (to: D1Database, count: number) =>
  Array.from({ length: count }, () => to.prepare('INSERT INTO items (name) VALUES (?)').bind('a'))
const countItems = () => db.prepare('SELECT count(*) AS items FROM items').first('items')

it.each(['free', 'paid'] as const)(
  'ends an invocation of plan %s at its statements',
  async (plan) => {
    const limits = PLANS[plan]
    const to = limited({ limits })
    for (let made = 0; made < limits.d1.statements; made++) await to.prepare('SELECT 1').all()
    await expect(to.prepare('SELECT 1').first()).rejects.toThrow(
      'Too many API requests by single worker invocation.',
    )
  },
)

it('counts each statement of a batch, or the batch as one', async () => {
  const each = limited({ readings: { ...LENIENT, countStatements: 'each' } })
  await expect(each.batch(insert(each, 51))).rejects.toThrow('Too many API requests')
  expect(await countItems()).toBe(0)
  const whole = limited({ readings: { ...LENIENT, countStatements: 'batch' } })
  for (let made = 0; made < 50; made++) await whole.batch(insert(whole, 51))
  expect(await countItems()).toBe(50 * 51)
  await expect(whole.batch(insert(whole, 1))).rejects.toThrow('Too many API requests')
})

it('rejects what is too large, and accepts what is just not', async () => {
  const { d1 } = PLANS.free
  const to = limited()
  const select = (sql: string, ...values: unknown[]) =>
    to
      .prepare(sql)
      .bind(...values)
      .all()
  await select('SELECT length(?)', 'x'.repeat(d1.valueBytes))
  await expect(select('SELECT ?', 'x'.repeat(d1.valueBytes + 1))).rejects.toThrow('SQLITE_TOOBIG')
  const marks = (count: number) => Array.from({ length: count }, () => '?').join(' + ')
  const values = Array.from({ length: 101 }, (_, index) => index)
  await select(`SELECT max(${marks(99)}, ?)`, ...values.slice(0, 100))
  await expect(select(`SELECT ${marks(101)}`, ...values)).rejects.toThrow('too many SQL variables')
  const comment = (bytes: number) => `SELECT 1 /*${'x'.repeat(bytes - 13)}*/`
  await select(comment(d1.statementBytes))
  await expect(select(comment(d1.statementBytes + 1))).rejects.toThrow('statement too long')
})

it.each([
  ['SELECT ? LIKE ?', ['a', 'ы'.repeat(25)], ['a', 'ы'.repeat(26)]],
  ['SELECT ?2 GLOB ?1', ['x'.repeat(50), 'a'], ['x'.repeat(51), 'a']],
  ["SELECT 'a' LIKE '%' || ?", ['x'.repeat(49)], ['x'.repeat(50)]],
])('rejects a pattern of more than 50 bytes in %s', async (sql, shorter, longer) => {
  await limited()
    .prepare(sql)
    .bind(...shorter)
    .all()
  await expect(
    limited()
      .prepare(sql)
      .bind(...longer)
      .all(),
  ).rejects.toThrow('LIKE or GLOB pattern too complex')
})

it('rejects writes once a day’s are used up, until midnight UTC, while reads go on', async () => {
  const clock = new VirtualClock(NOON)
  const account = new Account(PLANS.free, clock)
  account.add({ rowsWritten: 99_999 })
  const write = () => {
    const to = limited({ account })
    return to.batch(insert(to, 2))
  }
  await write()
  await expect(write()).rejects.toThrow(
    "D1_ERROR: Your account has exceeded D1's free tier daily row write limit. Upgrade to a paid plan or wait until tomorrow (midnight UTC) to continue.",
  )
  expect(await limited({ account }).prepare('SELECT name FROM items').raw()).toHaveLength(2)
  clock.moveTo(MIDNIGHT - 1)
  await expect(write()).rejects.toThrow('daily row write limit')
  clock.moveTo(MIDNIGHT)
  await write()
  expect(await countItems()).toBe(4)
})

it('rejects reads, too, once a day’s are used up', async () => {
  const account = new Account(PLANS.free, new VirtualClock(NOON))
  account.add({ rowsRead: 5_000_000 })
  await expect(limited({ account }).prepare('SELECT 1').first()).rejects.toThrow(
    'daily row read limit',
  )
})

it('has no daily quota on the paid plan', async () => {
  const account = new Account(PLANS.paid, new VirtualClock(NOON))
  account.add({ rowsRead: 1e9, rowsWritten: 1e9, queueOperations: 1e9 })
  const to = limited({ account })
  await to.batch(insert(to, 1))
  expect(await countItems()).toBe(1)
})

it('rejects writes to a database that is full', async () => {
  const limits = { ...PLANS.free, d1: { ...PLANS.free.d1, databaseBytes: 1 } }
  const to = limited({ limits })
  await to.prepare('SELECT 1').all()
  await expect(to.batch(insert(to, 1))).rejects.toThrow('Exceeded maximum DB size')
  expect(await to.prepare('SELECT 2 AS two').first('two')).toBe(2)
})
