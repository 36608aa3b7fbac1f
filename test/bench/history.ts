// Measures how much of a large archive is read: `node test/bench/history.ts`. Only files that are read are made.
import { createHash } from 'node:crypto'
import { keyOfFile } from '../../src/db/archive/files.ts'
import type { Contacts, ReadableFile } from '../../src/db/archive/readable.ts'
import type { StoredEvent } from '../../src/db/stored-event.ts'
import { DAY_MS } from '../../src/event/clock.ts'
import { matcherOf } from '../../src/history/matcher.ts'
import { readMatches } from '../../src/history/read-matches.ts'
import { scanFiles } from '../../src/history/scan.ts'
import { LIMITS, Work } from '../../src/history/work.ts'
import { encodeParquet } from '../../src/parquet/encode.ts'
import { compareByContact } from '../../src/parquet/order.ts'
import { buildRow } from '../parquet/rows.ts'

const [MONTHS, FILES, ROWS, CONTACTS] = [13, 30, 25_000, 3_333] // the last two per file
const FIRST_MONTH = Date.UTC(2024, 0)
const FIRST_CONTACT = 1_000_000_000

const contents = new Map<string, ArrayBuffer>()
let reads = { requests: 0, bytes: 0 }

const files: ReadableFile[] = []
for (let month = 0; month < MONTHS; month++) {
  for (let file = 0; file < FILES; file++) {
    const start = Date.UTC(2024, month)
    const lastAt = start + 28 * DAY_MS
    const key = { month: start, file: month * FILES + file + 1, version: 1 }
    const content = { events: ROWS, bytes: 0, firstAt: start, lastAt }
    files.push({ ...key, ...content, minContact: null, maxContact: null, withoutContact: 0 })
  }
}

const bucket = {
  async get(
    key: string,
    { range: { offset, length } }: { range: { offset: number; length: number } },
  ) {
    reads.requests++
    reads.bytes += length
    const part = contents.get(key)?.slice(offset, offset + length)
    return part ? { arrayBuffer: async () => part } : null
  },
} as unknown as R2Bucket

/** Pseudorandom numbers from 0 to 1. */
function* random(seed: number): Generator<number, never> {
  let state = seed
  for (;;) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    yield state / 0x80000000
  }
}

const STEPS = ['DELIVERED', 'READ', 'CLICKED']

function makeRows({ month, file, firstAt }: ReadableFile): StoredEvent[] {
  const numbers = random(file)
  const below = (limit: number) => Math.floor(numbers.next().value * limit)
  const first = FIRST_CONTACT + ((file - 1) % FILES) * CONTACTS
  const rows: StoredEvent[] = []
  while (rows.length < ROWS) {
    const contactId = first + below(CONTACTS)
    const campaign = below(60)
    const sentAt = firstAt + below(27 * 86_400) * 1_000
    const iid = createHash('md5').update(`${file} ${rows.length}`).digest('hex')
    const steps = STEPS.slice(0, 1 + below(STEPS.length))
    for (const [step, activityStatus] of steps.entries()) {
      const occurredAt = sentAt + step * below(36_000) * 1_000
      rows.push(
        buildRow({
          occurredAt,
          id: createHash('md5').update(`${file} ${rows.length} id`).digest('hex'),
          receivedAt: occurredAt + below(5_000),
          origin: 'webhook',
          activityDateTime: new Date(occurredAt + 7_200_000).toISOString().slice(0, 19),
          activityStatus,
          contactId,
          email: `contact-${contactId}@example.com`,
          externalCustomerId: String(contactId * 7),
          iid: iid.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
          mediaType: 'email',
          messageId: 2_489_300 + campaign,
          messageName: `Message ${campaign}`,
          messageLanguageCode: 'uk',
          from: 'Shop <news@example.com>',
          broadcastId: month / DAY_MS + campaign,
        }),
      )
    }
  }
  return rows.sort(compareByContact)
}

function make(file: ReadableFile): void {
  const content = encodeParquet(makeRows(file))
  contents.set(keyOfFile(file), content)
  file.bytes = content.byteLength
}

async function measure(
  name: string,
  some: readonly ReadableFile[],
  contacts: Contacts | undefined,
  period: { since: number; until: number },
  limit: number,
): Promise<void> {
  const times: number[] = []
  let events = 0
  for (let round = 0; round < 5; round++) {
    reads = { requests: 0, bytes: 0 }
    const work = new Work(LIMITS.paid)
    const matcher = matcherOf({ parameters: contacts ? { contactId: contacts.ids } : {} })
    const query = { contacts, spans: [period], after: undefined, matcher, columns: [], limit }
    const start = performance.now()
    const scanned = await scanFiles(bucket, some, -Infinity, query, work)
    events = (await readMatches(scanned, work)).events.length
    times.push(Math.round(performance.now() - start))
  }
  const bytes = [...contents.values()].reduce((sum, { byteLength }) => sum + byteLength, 0)
  const all = (bytes / contents.size) * MONTHS * FILES
  const share = ((100 * reads.bytes) / all).toFixed(2)
  console.log(
    `${name}: ${events} events, ${reads.requests} requests, ${reads.bytes} bytes (${share} % of ${Math.round(all / 1e6)} MB), ms: ${times.join(', ')}`,
  )
}

const ofOne = files.filter(({ file }) => (file - 1) % FILES === 17)
const ofMonth = files.filter(({ month }) => month === FIRST_MONTH)
const ofDay = { since: FIRST_MONTH + 9 * DAY_MS, until: FIRST_MONTH + 10 * DAY_MS }
for (const file of new Set([...ofOne, ...ofMonth])) make(file)
const bytes = [...contents.values()].reduce((sum, { byteLength }) => sum + byteLength, 0)
console.log(`bytes an event: ${(bytes / contents.size / ROWS).toFixed(1)}`)
const id = String(FIRST_CONTACT + 17 * CONTACTS + 1_234)
const always = { since: FIRST_MONTH, until: Date.UTC(2026, 0) }
await measure('a contact', ofOne, { ids: [id], nameless: false }, always, 500)
await measure('a page of 50 events of a day, of all contacts', ofMonth, undefined, ofDay, 50)
await measure('a page of 500 events of a day, of all contacts', ofMonth, undefined, ofDay, 500)
