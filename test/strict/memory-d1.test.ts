import { expect, it } from 'vitest'
import { memoryD1 } from './node.ts'

const SCHEMA = `CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT NOT NULL, data BLOB) STRICT;
CREATE INDEX items_by_name ON items (name);`

async function setUp(): Promise<D1Database> {
  const db = memoryD1()
  await db.exec(SCHEMA)
  return db
}

const INSERT = 'INSERT INTO items (name, data) VALUES (?, ?)'

it('binds and returns values as D1 does', async () => {
  const db = await setUp()
  const bytes = new Uint8Array([1, 2, 255])
  await db.prepare(INSERT).bind('a', bytes.buffer).run()
  await db.prepare(INSERT).bind('b', null).run()
  expect((await db.prepare('SELECT * FROM items').all()).results).toEqual([
    { id: 1, name: 'a', data: [1, 2, 255] },
    { id: 2, name: 'b', data: null },
  ])
  expect(await db.prepare('SELECT ? AS value').bind(true).first('value')).toBe(1)
  expect(await db.prepare('SELECT 1 AS value WHERE 0').first('value')).toBeNull()
  await expect(db.prepare('SELECT 1 AS value').first('other')).rejects.toThrow('COLUMN_NOTFOUND')
  expect(() => db.prepare(INSERT).bind(undefined)).toThrow('D1_TYPE_ERROR')
})

it('returns columns of the same name when asked for raw rows', async () => {
  const db = await setUp()
  const statement = db.prepare('SELECT 1 AS a, 2 AS a')
  expect(await statement.raw({ columnNames: true })).toEqual([
    ['a', 'a'],
    [1, 2],
  ])
})

it('tells what changed, and counts indexes among the rows written', async () => {
  const db = await setUp()
  const { meta } = await db.prepare(INSERT).bind('a', null).run()
  expect(meta).toMatchObject({ changes: 1, rows_written: 2, last_row_id: 1, changed_db: true })
  const read = await db.prepare('SELECT * FROM items').all()
  expect(read.meta).toMatchObject({ changes: 0, rows_read: 1, rows_written: 0, changed_db: false })
  expect(read.meta.size_after).toBeGreaterThan(0)
})

it('undoes the whole of a batch that fails', async () => {
  const db = await setUp()
  const batch = [db.prepare(INSERT).bind('a', null), db.prepare(INSERT).bind(null, null)]
  await expect(db.batch(batch)).rejects.toThrow(
    'D1_ERROR: NOT NULL constraint failed: items.name: SQLITE_CONSTRAINT',
  )
  expect(await db.prepare('SELECT count(*) AS items FROM items').first('items')).toBe(0)
})

it('has D1’s own limits', async () => {
  const db = await setUp()
  const terms = (count: number) =>
    Array.from({ length: count }, () => 'SELECT 1').join(' UNION ALL ')
  await db.prepare(terms(5)).all()
  await expect(db.prepare(terms(6)).all()).rejects.toThrow('too many terms in compound SELECT')
})
