import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { eraseInArchive } from '../../src/archive/erase.ts'
import { mergeRuns } from '../../src/archive/merge.ts'
import type { Archive } from '../../src/archive/commit-changes.ts'
import { openArchive } from '../../src/archive/open.ts'
import { resolveLate } from '../../src/archive/resolve-late.ts'
import { writeFile } from '../../src/archive/files.ts'
import { readChanges } from '../../src/db/archive/changes.ts'
import {
  changeContent,
  FILE_COLUMNS,
  keyOfFile,
  monthOf,
  type ArchiveFile,
} from '../../src/db/archive/files.ts'
import { isMergeDue } from '../../src/db/archive/merges.ts'
import type { StoredEvent } from '../../src/db/stored-event.ts'
import { DAY_MS } from '../../src/event/clock.ts'
import { Budget } from '../../src/platform/budget.ts'
import { compareByContact, describeContent } from '../../src/parquet/order.ts'
import { readRows } from '../../src/parquet/decode.ts'
import { openKnown } from '../../src/parquet/open.ts'
import { erased } from '../erasure/erasing.ts'
import { buildRow } from '../parquet/rows.ts'
import { clearBucket, clearTables, count } from '../receiver.ts'
import { countReads } from '../rows-read.ts'
import { ARCHIVE, KEEP, listFiles, readArchive } from './bucket.ts'
import { Crashing, type Crash } from './crashing.ts'

const JANUARY = Date.UTC(2024, 0, 1)
const FEBRUARY = Date.UTC(2024, 1, 1)

beforeEach(clearBucket)

let ids = 0

/** Events of a day, each of a contact. @param day counted from the first of January */
function eventsOf(day: number, contacts: readonly (number | null)[]): StoredEvent[] {
  return contacts.map((contactId, second) => {
    const id = String(ids++).padStart(32, '0')
    return buildRow({ occurredAt: JANUARY + day * DAY_MS + second * 1_000, id, contactId })
  })
}

/** Adds a file as if events of one day had moved. */
async function addFile(rows: StoredEvent[]): Promise<ArchiveFile> {
  rows.sort(compareByContact)
  const at = rows[0]?.occurredAt ?? 0
  const day = Math.floor(at / DAY_MS) * DAY_MS
  const insert = `INSERT INTO archive (month, day, state, events, bytes) VALUES (?, ?, 'begun', 0, 0) RETURNING ${FILE_COLUMNS}`
  const file = await env.DB.prepare(insert).bind(monthOf(at), day).first<ArchiveFile>()
  if (!file) throw new Error('no file')
  const content = describeContent(rows, await writeFile(ARCHIVE, file, rows))
  const [changes, values] = changeContent(content)
  await env.DB.prepare(`UPDATE archive SET state = 'done', ${changes} WHERE file = ?`)
    .bind(...values, file.file)
    .run()
  await env.DB.prepare('INSERT OR IGNORE INTO archive_days (day) VALUES (?)').bind(day).run()
  return file
}

function archive(crash?: Crashing): Archive {
  const bucket = crash ? crash.bucket(ARCHIVE) : ARCHIVE
  const opened = openArchive({ ...env, ARCHIVE: bucket } as Env)
  if (!opened) throw new Error('no archive')
  return { ...opened, db: crash ? crash.database(env.DB) : env.DB }
}

type Options = {
  plan?: 'free' | 'paid'
  maxRows?: number
  maxRuns?: number
  crash?: Crashing
  bucket?: R2Bucket
}

/** A step: on the free plan, it writes one file. @returns whether it made progress */
async function step({
  plan = 'paid',
  maxRows = 4,
  maxRuns = 2,
  crash,
  bucket = archive(crash).bucket,
}: Options = {}) {
  const errors: string[] = []
  const progressed = await mergeRuns(
    {
      ...archive(crash),
      bucket,
      budget: new Budget(plan, 'task', 60_000),
      maxRows,
      maxRuns,
      maxRolledUp: 100,
    },
    errors,
  )
  return { progressed, errors }
}

async function isDue(maxRuns = 2, db = env.DB): Promise<boolean> {
  const due = await db
    .prepare(`SELECT ${isMergeDue('?1')} AS due`)
    .bind(maxRuns)
    .first('due')
  return due === 1
}

/** The contacts in each file, by level and run. */
async function listContacts(): Promise<unknown[]> {
  return Promise.all(
    (await listFiles()).map(async (file) => {
      const rows = await readRows(await openKnown(ARCHIVE, file))
      return [file.level, file.run ?? file.file, rows.map(({ contactId }) => contactId)]
    }),
  )
}

const idsOf = (rows: readonly StoredEvent[]) => rows.map(({ id }) => id).toSorted()

/** Every event is in one file, and the bucket has no others than the files and what was discarded. */
async function expectExactly(rows: readonly StoredEvent[]): Promise<void> {
  expect(idsOf(await readArchive())).toEqual(idsOf(rows))
  const discarded = await env.DB.prepare('SELECT key FROM archive_garbage').all<{ key: string }>()
  const known = [...(await listFiles()).map(keyOfFile), ...discarded.results.map(({ key }) => key)]
  const { objects } = await ARCHIVE.list({ prefix: 'activity/data/' })
  expect(known).toEqual(expect.arrayContaining(objects.map(({ key }) => key)))
}

it('a merge that another one has overtaken leaves its file alone', async () => {
  const days = [eventsOf(0, [1, 2, 3]), eventsOf(1, [4, 5, 6])]
  for (const rows of days) await addFile(rows)
  let isFirst = true
  const head = async (key: string) => {
    if (isFirst) {
      isFirst = false
      await step({ maxRows: 100 })
    }
    return ARCHIVE.head(key)
  }
  const bucket = { ...new Crashing().bucket(ARCHIVE), head } as unknown as R2Bucket
  await step({ maxRows: 100, bucket })
  await expectExactly(days.flat())
  const discarded = await env.DB.prepare('SELECT key FROM archive_garbage').all<{ key: string }>()
  const keys = (await listFiles()).map(keyOfFile)
  expect(discarded.results.map(({ key }) => key)).not.toEqual(expect.arrayContaining(keys))
})

describe('runs of one level', () => {
  it('become one of the next, which does not divide the events of a contact', async () => {
    const days = [eventsOf(0, [7, 3, null, 3, 1]), eventsOf(1, [3, null, 8, 2]), eventsOf(2, [5])]
    const first = await addFile(days[0] ?? [])
    const second = await addFile(days[1] ?? [])
    await addFile(days[2] ?? [])
    const run = second.file + 2
    expect(await step()).toEqual({ progressed: true, errors: [] })
    expect(await listContacts()).toEqual([
      [0, run - 1, [5]],
      [1, run, [null, null, 1, 2]],
      [1, run, [3, 3, 3, 7]],
      [1, run, [8]],
    ])
    await expectExactly(days.flat())
    expect((await listFiles()).map(({ state }) => state)).not.toContain('merging')
    const { results } = await env.DB.prepare('SELECT key FROM archive_garbage').all()
    expect(results).toEqual([{ key: keyOfFile(first) }, { key: keyOfFile(second) }])
    expect((await readChanges(env.DB)).months).toEqual([JANUARY])
    expect([await isDue(), await step()]).toEqual([false, { progressed: false, errors: [] }])
  })

  it('may have a contact with more events than a file holds', async () => {
    const days = [eventsOf(0, [1, 2, 2, 2, 2, 2, 2]), eventsOf(1, [2, 2, 2, 2, 3])]
    for (const day of days) await addFile(day)
    await step()
    expect((await listContacts()).map((file) => (file as unknown[])[2])).toEqual([
      [1],
      [2, 2, 2, 2],
      [2, 2, 2, 2],
      [2, 2, 3],
    ])
    await expectExactly(days.flat())
  })

  it('become one step by step, each of which writes one file', async () => {
    const days = [eventsOf(0, [1, 2, 3, 4, 5, 6]), eventsOf(1, [1, 2, 3, 4, 5, 6])]
    for (const day of days) await addFile(day)
    for (const files of [1, 2]) {
      await step({ plan: 'free' })
      const merging = (await listFiles()).filter(({ state }) => state === 'merging')
      expect([merging.length, await isDue()]).toEqual([files, true])
      await expectExactly(days.flat())
    }
    await step({ plan: 'free' })
    expect((await listFiles()).map(({ state, events }) => [state, events])).toEqual([
      ['done', 4],
      ['done', 4],
      ['done', 4],
    ])
    await expectExactly(days.flat())
  })

  it('are merged again and again, until few are left', async () => {
    const days = Array.from({ length: 16 }, (_, day) => eventsOf(day, [day, 20, null, 3, 16 - day]))
    for (const day of days) {
      await addFile(day)
      while (await isDue()) await step({ plan: 'free', maxRows: 20 })
    }
    const files = await listFiles()
    expect(new Set(files.map(({ level, run }) => `${level} ${run}`)).size).toBe(1)
    expect(files.map(({ level }) => level)[0]).toBe(4)
    await expectExactly(days.flat())
  })

  it('wait until there are enough, and while a file of the month is not done', async () => {
    for (const day of [0, 1]) await addFile(eventsOf(day, [1]))
    expect([await isDue(3), await isDue(2)]).toEqual([false, true])
    const file = await addFile(eventsOf(2, [1]))
    await env.DB.prepare("UPDATE archive SET state = 'written' WHERE file = ?")
      .bind(file.file)
      .run()
    expect([await isDue(), await step()]).toEqual([false, { progressed: false, errors: [] }])
  })
})

describe('a month that is over', () => {
  it('becomes one run; what comes in later is merged apart from it', async () => {
    const rows = [...Array(6).keys()].map((day) => eventsOf(day, [day, 9]))
    for (const day of rows) await addFile(day)
    expect(await isDue(4)).toBe(true)
    await step({ maxRuns: 4, maxRows: 100 })
    expect((await listFiles()).map(({ level, events }) => [level, events])).toEqual([
      [0, 2],
      [0, 2],
      [1, 8],
    ])
    expect(await isDue(4)).toBe(false)
    rows.push(eventsOf(31, [1]))
    await addFile(rows.at(-1) ?? [])
    await step({ maxRuns: 4, maxRows: 100 })
    const merged = (await listFiles()).filter(({ month }) => month === JANUARY)
    expect(merged.map(({ events }) => events)).toEqual([12])
    rows.push(eventsOf(3, [1]), eventsOf(3, [2]))
    await addFile(rows.at(-2) ?? [])
    expect(await isDue()).toBe(false)
    await addFile(rows.at(-1) ?? [])
    await step({ maxRuns: 2, maxRows: 100 })
    expect((await listFiles()).map(({ month, events }) => [month, events])).toEqual([
      [FEBRUARY, 1],
      [JANUARY, 12],
      [JANUARY, 2],
    ])
    await expectExactly(rows.flat())
  })
})

describe('an erasure during a merge', () => {
  /** A merge that has written one of its files. @param first the contacts of the first file that is merged */
  async function begin(first = [1, 2, 3, 4]): Promise<StoredEvent[]> {
    const days = [eventsOf(0, first), eventsOf(1, [1, 2, 3, 4])]
    for (const day of days) await addFile(day)
    await addFile(eventsOf(35, [7]))
    await step({ plan: 'free' })
    return days.flat()
  }

  /** Erases a contact from the archive, in one step. */
  async function eraseContact(contactId: number): Promise<void> {
    await erased(`/contacts/${contactId}`, KEEP)
    expect([await isDue(), await step()]).toEqual([false, { progressed: false, errors: [] }])
    await eraseInArchive(archive(), new Budget('paid', 'task', 60_000), Date.now())
    expect(await isUnderWay()).toBe(false)
  }

  async function isUnderWay(): Promise<boolean> {
    return (await count('erasures WHERE finishedAt IS NULL')) > 0
  }

  const isOfJanuary = ({ occurredAt }: StoredEvent) => occurredAt < FEBRUARY

  it('drops it if a file that is merged has events of the subject', async () => {
    const rows = await begin()
    await eraseContact(1)
    const files = await listFiles()
    expect(files.map(({ state }) => state)).toEqual(['done', 'done', 'done'])
    const { objects } = await ARCHIVE.list({ prefix: 'activity/data/' })
    expect(objects.map(({ key }) => key).toSorted()).toEqual(files.map(keyOfFile).toSorted())
    await step()
    const left = rows.filter(({ contactId }) => contactId !== 1)
    expect(idsOf((await readArchive()).filter(isOfJanuary))).toEqual(idsOf(left))
  })

  it('drops it if one file is left without events, and another is written again', async () => {
    const rows = await begin([1, 1, 1])
    await eraseContact(1)
    await step()
    const left = rows.filter(({ contactId }) => contactId !== 1)
    expect(idsOf((await readArchive()).filter(isOfJanuary))).toEqual(idsOf(left))
  })

  it('drops it even if only its end is left, and all other files are searched', async () => {
    const later = eventsOf(2, [1, 9])
    const rows = [...(await begin()), ...later]
    const { bucket, catalog } = archive()
    let isEnding = false
    let isErased = false
    const prepare = (sql: string) => {
      isEnding ||= sql.includes("'$.isFinished', 1")
      return env.DB.prepare(sql)
    }
    const batch = async (statements: D1PreparedStatement[]) => {
      if (isEnding && !isErased) {
        isErased = true
        await addFile(later)
        await erased('/contacts/1', KEEP)
        for (let files = 0; files < 4; files++) {
          // On the free plan, a step searches one file.
          await eraseInArchive(archive(), new Budget('free', 'task', 60_000), Date.now())
        }
      }
      return env.DB.batch(statements)
    }
    const budget = new Budget('paid', 'task', 60_000)
    const db = { prepare, batch } as unknown as D1Database
    await mergeRuns({ db, bucket, catalog, budget, maxRows: 4, maxRuns: 2, maxRolledUp: 100 }, [])
    expect(isErased).toBe(true)
    expect(await isUnderWay()).toBe(true)
    for (let run = 0; run < 5 && (await isUnderWay()); run++) {
      await eraseInArchive(archive(), new Budget('paid', 'task', 60_000), Date.now())
    }
    const left = rows.filter(({ contactId }) => contactId !== 1)
    expect(idsOf((await readArchive()).filter(isOfJanuary))).toEqual(idsOf(left))
  })

  it('delays it otherwise', async () => {
    const rows = await begin()
    const output = (await listFiles()).at(-1)
    await eraseContact(7)
    expect((await listFiles()).at(-1)).toEqual(output)
    await step()
    expect((await listFiles()).map(({ state, level }) => [state, level])).toEqual([
      ['done', 99],
      ['done', 99],
    ])
    await expectExactly(rows)
  })
})

it('reports a file that is missing from the bucket, and goes on once it is back', async () => {
  const days = [eventsOf(0, [1, 2]), eventsOf(1, [1, 2])]
  const file = await addFile(days[0] ?? [])
  await addFile(days[1] ?? [])
  const content = await (await ARCHIVE.get(keyOfFile(file)))?.arrayBuffer()
  await ARCHIVE.delete(keyOfFile(file))
  const { errors } = await step()
  expect(errors).toEqual([expect.stringContaining(keyOfFile(file))])
  await ARCHIVE.put(keyOfFile(file), content ?? '')
  await env.DB.prepare('UPDATE archive SET error = NULL').run()
  expect((await step()).errors).toEqual([])
  await expectExactly(days.flat())
  expect((await listFiles()).map(({ state, level }) => [state, level])).toEqual([['done', 1]])
})

it('hides no event from a lookup of late arrivals that is half way through the files', async () => {
  const days = [eventsOf(0, [1, 2]), eventsOf(0, [3, 4])]
  for (const day of days) await addFile(day)
  const keys = (days[1] ?? []).map(({ occurredAt, id }) => ({ occurredAt, id }))
  const [first] = await listFiles()
  const batch = JSON.stringify({ day: JANUARY, file: first?.file, keys })
  await env.DB.prepare("INSERT INTO key_values VALUES ('late.batch', ?)").bind(batch).run()
  await step({ maxRows: 2 })
  const budget = new Budget('paid', 'task', 60_000)
  await resolveLate({ ...archive(), budget, maxRows: 4, maxRuns: 2, maxRolledUp: 100 }, [])
  const left = await env.DB.prepare(
    "SELECT value FROM key_values WHERE name = 'late.batch'",
  ).first()
  expect(left).toBeNull() // nothing was left to count
  expect(await count('totals')).toBe(0)
})

it.each(['before', 'after'] as const)(
  'neither loses nor doubles an event if it is killed %s any call',
  async (when) => {
    for (let [call, isOver] = [1, false]; !isOver; call++) {
      await clearTables()
      await clearBucket()
      const days = [eventsOf(0, [1, 2, 3]), eventsOf(1, [2, 2, 4])]
      for (const day of days) await addFile(day)
      const crash: Crash = { call, when, isKill: true }
      const crashing = new Crashing(crash)
      const killed = step({ crash: crashing })
      isOver = await Promise.race([crashing.killed.then(() => false), killed.then(() => true)])
      await expectExactly(days.flat())
      await step()
      await expectExactly(days.flat())
      expect(await listContacts()).toMatchObject([
        [1, expect.anything(), [1, 2, 2, 2]],
        [1, expect.anything(), [3, 4]],
      ])
    }
  },
  300_000,
)

it('reads few rows to see whether something is to be merged', async () => {
  await env.DB.prepare(
    `WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1000)
     INSERT INTO archive (file, month, state, level, run, events, bytes)
     SELECT n, ?, 'done', 3, 1, 1, 1 FROM n`,
  )
    .bind(JANUARY)
    .run()
  const { db, rowsRead } = countReads(env.DB)
  expect(await isDue(2, db)).toBe(false)
  expect(rowsRead()).toBeLessThan(10)
})
