import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asyncBufferFromFile } from 'hyparquet'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBucketCatalog } from '../../src/archive/table/bucket-catalog.ts'
import { commitChanges } from '../../src/archive/commit-changes.ts'
import { markAllChanged } from '../../src/db/archive/changes.ts'
import { cutoffOf } from '../../src/db/archive/pressure.ts'
import { readRows } from '../../src/parquet/decode.ts'
import type { Server } from '../bench/server.ts'
import { BUCKET_NAME, copyBucket, ROOT } from './archive.ts'
import { ClickHouse, describeWithClickHouse } from './clickhouse.ts'
import {
  contactIdOf,
  emailOf,
  KEEP_DAYS,
  makeYear,
  OPERATE_TOKEN,
  phoneOf,
  runSchedule,
  startWithYear,
  timeOf,
  type SentEvent,
} from './year.ts'

type Responded = SentEvent & { id: string; occurredAt: number }
type Page = { activity: Responded[]; next: string | null }

const PAGE = 50
const CONTACT = 3
const COLUMNS = [
  'iid',
  'activityStatus',
  'activityDateTime',
  'email',
  'sms',
  'messageName',
] as const
const TABLE = `icebergLocal('${BUCKET_NAME}/activity')`
const LINK = /href="\/recent\/([^"?]+)/g
const OLDER = /href="(\/contact\/[^"]*cursor=[^"]*)"/

const now = Date.now()
const { occurredBefore: cutoff } = cutoffOf(KEEP_DAYS, null, now)
const sent = makeYear(now)
const ofContact = sent.filter(({ contactId }) => contactId === contactIdOf(CONTACT))
const folder = mkdtempSync(join(tmpdir(), 'year-'))
const bucketFolder = join(folder, BUCKET_NAME)

let server: Server

beforeAll(async () => {
  server = await startWithYear(sent)
})

afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

/** The columns of an event that are compared, as one text. */
function toLine(event: Partial<SentEvent>): string {
  return JSON.stringify(COLUMNS.map((name) => event[name] ?? null))
}

function toLines(events: readonly Partial<SentEvent>[]): string[] {
  return events.map(toLine).sort()
}

/** All events of a list, page by page. */
async function readAll(path: string): Promise<Responded[]> {
  const events: Responded[] = []
  let cursor = ''
  do {
    const page = JSON.parse(await server.request('GET', `${path}${cursor}`)) as Page
    events.push(...page.activity)
    cursor = page.next === null ? '' : `&cursor=${encodeURIComponent(page.next)}`
  } while (cursor !== '')
  return events
}

/** The lines of a contact's events in ClickHouse, found by the email address. */
async function askClickHouse(clickHouse: ClickHouse): Promise<string[]> {
  const rows = await clickHouse.query(
    `SELECT ${COLUMNS.join(', ')} FROM ${TABLE} WHERE contactId IN (
       SELECT contactId FROM ${TABLE} WHERE email = '${emailOf(CONTACT)}')`,
  )
  return rows.map((row) => JSON.stringify(row)).sort()
}

async function withClickHouse(ask: (clickHouse: ClickHouse) => Promise<void>): Promise<void> {
  await copyBucket(await server.bucket(), bucketFolder)
  const clickHouse = new ClickHouse(folder)
  await ask(clickHouse)
  clickHouse.close()
}

it('has moved what is older than it keeps, and nothing else', async () => {
  const db = await server.database()
  const kept = await db
    .prepare('SELECT count(*) AS events, min(occurredAt) >= ? AS isNew FROM activity')
    .bind(cutoff)
    .first()
  const events = sent.filter((event) => timeOf(event) >= cutoff).length
  expect(kept).toEqual({ events, isNew: 1 })
})

it('lists the whole history of a contact, newest first', async () => {
  const events = await readAll(`/contacts?email=${emailOf(CONTACT)}&limit=${PAGE}`)
  expect(toLines(events)).toEqual(toLines(ofContact))
  const times = events.map(({ occurredAt }) => occurredAt)
  expect(times).toEqual(times.toSorted((a, b) => b - a))
})

it("shows it on the contact's page, with links that work", async () => {
  const ids: string[] = []
  let messages = 0
  let path: string | undefined = `/contact/${contactIdOf(CONTACT)}`
  while (path !== undefined) {
    const page: string = await server.show(path)
    ids.push(...Array.from(page.matchAll(LINK), ([, id = '']) => id))
    messages += page.split('<li class="card">').length - 1
    path = OLDER.exec(page)?.[1]?.replaceAll('&amp;', '&')
  }
  const oldest = ids.at(-1)
  expect(messages).toBe(new Set(ofContact.map(({ iid }) => iid)).size)
  expect(await server.show(`/recent/${oldest}`)).toContain(ofContact[0]?.messageName)
})

it('finds an archived event by its ID, and its delivery', async () => {
  const [event] = ofContact
  const until = new Date(timeOf(event as SentEvent) + 60_000).toISOString()
  const path = `/contacts?email=${emailOf(CONTACT)}&until=${until}`
  const [found] = await readAll(path)
  const asked = [`/activity/${found?.id}`, `/activity/${found?.id}?contactId=${found?.contactId}`]
  for (const url of asked) {
    expect(JSON.parse(await server.request('GET', url))).toMatchObject({ ...event })
  }
  const delivery = await server.request('GET', `/deliveries/${event?.iid}`)
  expect(toLines((JSON.parse(delivery) as Page).activity)).toEqual(
    toLines(ofContact.filter(({ iid }) => iid === event?.iid)),
  )
})

describeWithClickHouse('ClickHouse', () => {
  it('gives the same events to the same question', async () => {
    await withClickHouse(async (clickHouse) => {
      const archived = ofContact.filter((event) => timeOf(event) < cutoff)
      expect(await askClickHouse(clickHouse)).toEqual(toLines(archived))
    })
  })

  it('reads every event once after two commits at the same time', async () => {
    const [db, bucket] = [await server.database(), await server.bucket()]
    await markAllChanged(db, [])
    const commit = () => commitChanges({ db, bucket, catalog: openBucketCatalog(bucket, ROOT) })
    await Promise.all([commit(), commit()])
    await withClickHouse(async (clickHouse) => {
      const archived = sent.filter((event) => timeOf(event) < cutoff)
      const [counts = []] = await clickHouse.query(`SELECT count(), uniqExact(id) FROM ${TABLE}`)
      expect(counts.map(Number)).toEqual([archived.length, archived.length])
      expect(await askClickHouse(clickHouse)).not.toEqual([])
    })
  })

  it('finds nobody after an erasure, and no object has a byte of the address', async () => {
    await erase()
    await runSchedule(server)
    await withClickHouse(async (clickHouse) => {
      const ofSubject = `email = '${emailOf(CONTACT)}' OR contactId = ${contactIdOf(CONTACT)}`
      const [counts] = await clickHouse.query(
        `SELECT toUInt32(countIf(${ofSubject})), toUInt32(count()) FROM ${TABLE}`,
      )
      const others = sent.filter(({ contactId }) => contactId !== contactIdOf(CONTACT))
      expect(counts).toEqual([0, others.filter((event) => timeOf(event) < cutoff).length])
    })
    for (const addressOf of [emailOf, phoneOf]) {
      expect(await findInBucket(addressOf(CONTACT))).toEqual([])
      expect(await findInBucket(addressOf(CONTACT + 1))).not.toEqual([])
    }
  })
})

async function erase(): Promise<void> {
  const headers = { authorization: `Bearer ${OPERATE_TOKEN}` }
  const url = `${server.origin}/contacts?email=${emailOf(CONTACT)}`
  const response = await fetch(url, { method: 'DELETE', headers })
  expect(response.status).toBe(200)
}

/** The objects of the bucket's copy that have a text, as they are or decompressed. */
async function findInBucket(text: string): Promise<string[]> {
  const found: string[] = []
  const entries = readdirSync(bucketFolder, { recursive: true, withFileTypes: true })
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name)
    const isRaw = readFileSync(path).includes(text)
    const isParquet = path.endsWith('.parquet')
    const rows = isParquet ? await readRows(await asyncBufferFromFile(path)) : []
    if (isRaw || JSON.stringify(rows).includes(text)) found.push(path)
  }
  return found
}
