import { parseExactly } from '../../../../src/event/exact-number.ts'
import type { Responded } from '../../../receiver.ts'
import { compareContent, compareList, compareId, isOlder, type Wanted } from './compare-events.ts'
import type { Answer, Reader } from './reader.ts'
import type { Shelved } from './shelf.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const MAX_PAGES = 25
const ID_OF_LINE = /^(\d{13}\.[0-9a-f]{32}),/gm
const LADDER = ['SENT', 'DELIVERED', 'READ', 'CLICKED']

type Page = { activity: Responded[]; next: string | null }

/** Programs with the read token that read events. Each is given to a reader. */
export const PROGRAMS: readonly ((reader: Reader) => Promise<void>)[] = [
  readPages,
  readPages,
  readNewest,
  readEvent,
  readContact,
  readContact,
  findByEmail,
  readDelivery,
  exportLines,
  exportTable,
]

/** Reads all pages of some events; meanwhile, others are stored. */
async function readPages(reader: Reader): Promise<void> {
  const wanted = drawWanted(reader)
  const limit = reader.random.pick([1, 3, 20, 100, 500])
  await goThrough(
    reader,
    wanted,
    limit,
    (after) => `/activity?${toQuery(wanted, { limit, cursor: after })}`,
  )
}

async function readNewest(reader: Reader): Promise<void> {
  const { status, channel } = drawEvent(reader) ?? {}
  const wanted: Wanted = {
    ...(reader.random.chance(0.5) && status !== undefined && { status }),
    ...(reader.random.chance(0.5) && channel !== undefined && { channel }),
  }
  const limit = reader.random.between(1, 60)
  const answer = await reader.ask(`/activity?${toQuery(wanted, { limit })}`)
  if (answer) comparePage(reader, wanted, { after: null, limit }, answer)
}

/** Asks for one event: that is stored, that was erased, or that never was. */
async function readEvent(reader: Reader): Promise<void> {
  const event = drawEvent(reader)
  if (!event) return
  const withContact = event.contactId !== undefined && reader.random.chance(0.5)
  const isUnknown = reader.random.chance(0.1)
  const id = isUnknown ? `${event.occurredAt}.${reader.random.hex(32)}` : event.id
  const query = withContact ? `?contactId=${event.contactId}` : ''
  const answer = await reader.ask(`/activity/${id}${query}`, 404)
  if (!answer) return
  if (answer.status === 404) {
    if (!isUnknown && reader.mustShow(event, answer)) reader.fail(answer, 'found nothing')
    return
  }
  const shown = parseExactly(answer.body) as Responded
  if (shown.id !== id) reader.fail(answer, `has ${shown.id}`)
  compareId(reader, {}, shown.id, answer)
  compareContent(reader, [shown], answer)
}

/** Reads a contact, sometimes one who was erased. */
async function readContact(reader: Reader): Promise<void> {
  const { erased } = reader.shelf
  const isErased = erased.length > 0 && reader.random.chance(0.2)
  const contactId = isErased ? reader.random.pick(erased) : drawContact(reader)
  if (contactId !== undefined) await readOneContact(reader, contactId)
}

export async function readOneContact(reader: Reader, contactId: string): Promise<void> {
  const limit = reader.random.pick([2, 10, 50])
  const path = `/contacts/${contactId}`
  await goThrough(
    reader,
    { contactId },
    limit,
    (cursor) => `${path}?${toQuery({}, { limit, cursor })}`,
    {
      others: [404],
      onAnswer: (answer) => compareContact(reader, contactId, answer),
    },
  )
}

async function findByEmail(reader: Reader): Promise<void> {
  const event = drawEvent(reader)
  const email = event?.identifiers.find(({ name }) => name === 'email')
  if (!event || !email) return
  const answer = await reader.ask(`/contacts?email=${encodeURIComponent(email.value)}&limit=100`)
  if (!answer) return
  const { contacts } = JSON.parse(answer.body) as { contacts: { contactId: number }[] }
  const ids = contacts.map(({ contactId }) => String(contactId))
  const { contactId } = event
  if (contactId !== undefined && !ids.includes(contactId)) {
    const isThere = event.countedAt <= answer.began && reader.mustShow(event, answer)
    if (isThere) reader.fail(answer, `lacks contact ${contactId}`)
  }
  for (const id of ids) {
    const all = reader.shelf.ofContact(id)
    const isHers = all.some(
      (each) =>
        reader.mayName(each, answer) &&
        each.identifiers.some(({ name, key }) => name === 'email' && key === email.key),
    )
    if (!isHers) reader.fail(answer, `has contact ${id}, who has no event with this address`)
  }
  const [only] = ids
  if (ids.length === 1 && only !== undefined) {
    comparePage(reader, { contactId: only }, { after: null, limit: 100 }, answer)
  }
}

/** Reads a delivery: its state follows from its events. */
async function readDelivery(reader: Reader): Promise<void> {
  const event = drawEvent(reader)
  const { iid, contactId } = event ?? {}
  if (iid === undefined || contactId === undefined) return
  const answer = await reader.ask(
    `/deliveries/${encodeURIComponent(iid)}?contactId=${contactId}`,
    404,
  )
  if (!answer) return
  const body = parseExactly(answer.body) as {
    activity?: Responded[]
    state: string
    complete: boolean
  }
  const events = body.activity ?? []
  const ids = events.map(({ id }) => id).reverse()
  const isWhole = answer.status === 404 || body.complete
  const wanted = { iid, contactId }
  compareList(
    reader,
    wanted,
    { ids, after: null, next: isWhole ? null : (ids.at(-1) ?? null) },
    answer,
  )
  compareContent(reader, events, answer)
  const reached = LADDER.findLast((step) =>
    events.some(({ activityStatus }) => activityStatus === step),
  )
  if (answer.status === 200 && body.state !== (reached ?? null)) {
    reader.fail(answer, `has state ${body.state} instead of ${reached}`)
  }
}

async function exportLines(reader: Reader): Promise<void> {
  const wanted = drawWanted(reader)
  const answer = await reader.ask(`/activity.ndjson?${toQuery(wanted, {})}`)
  if (!answer) return
  const lines = answer.body.split('\n').filter((line) => line !== '')
  const events = lines.map((line) => parseExactly(line) as Responded)
  compareList(reader, wanted, { ids: events.map(({ id }) => id), after: null, next: null }, answer)
  compareContent(reader, events, answer)
}

async function exportTable(reader: Reader): Promise<void> {
  const wanted = drawWanted(reader)
  const answer = await reader.ask(`/activity.csv?${toQuery(wanted, {})}`)
  if (!answer) return
  const ids = Array.from(answer.body.matchAll(ID_OF_LINE), ([, id = '']) => id)
  compareList(reader, wanted, { ids, after: null, next: null }, answer)
}

/** Reads page after page, and compares each; in the end, also what all of them have together. */
async function goThrough(
  reader: Reader,
  wanted: Wanted,
  limit: number,
  pathAfter: (cursor: string | undefined) => string,
  { others = [], onAnswer }: { others?: number[]; onAnswer?: (answer: Answer) => void } = {},
): Promise<void> {
  let after: string | null = null
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const answer = await reader.ask(pathAfter(after ?? undefined), ...others)
    if (!answer) return
    onAnswer?.(answer)
    if (answer.status !== 200) {
      compareList(reader, wanted, { ids: [], after, next: null }, answer)
      return
    }
    after = comparePage(reader, wanted, { after, limit }, answer)
    if (after === null) return
  }
}

/** Compares a page. @returns its `next` */
function comparePage(
  reader: Reader,
  wanted: Wanted,
  { after, limit }: { after: string | null; limit: number },
  answer: Answer,
): string | null {
  const { activity, next } = parseExactly(answer.body) as Page
  if (activity.length > limit) reader.fail(answer, `has ${activity.length} events`)
  if (next !== null && after !== null && !isOlder(next, after))
    reader.fail(answer, 'does not go on')
  compareList(reader, wanted, { ids: activity.map(({ id }) => id), after, next }, answer)
  compareContent(reader, activity, answer)
  return next
}

type Described = { identifiers: Partial<Record<string, string[]>>; areIdentifiersComplete: boolean }

/** Compares the identifiers of a contact. */
function compareContact(reader: Reader, contactId: string, answer: Answer): void {
  const all = reader.shelf.ofContact(contactId)
  const isHers = (each: Shelved) => each.countedAt <= answer.began && reader.mustShow(each, answer)
  if (answer.status === 404) {
    if (all.some(isHers)) reader.fail(answer, 'is not known')
    return
  }
  const { identifiers, areIdentifiersComplete } = JSON.parse(answer.body) as Described
  const shown = new Set(
    Object.entries(identifiers).flatMap(([name, values = []]) =>
      values.map((value) => `${name} ${value}`),
    ),
  )
  const namesOf = (events: readonly Shelved[]) =>
    new Set(events.flatMap((each) => each.identifiers.map(({ name, value }) => `${name} ${value}`)))
  const possible = namesOf(all.filter((each) => reader.mayName(each, answer)))
  const [wrong] = shown.difference(possible)
  if (wrong !== undefined) reader.fail(answer, `has ${wrong}`)
  if (!areIdentifiersComplete) return
  const [missing] = namesOf(all.filter(isHers)).difference(shown)
  if (missing !== undefined) reader.fail(answer, `lacks ${missing}`)
}

/** A period that has events, mostly of the last days, and often a filter. */
function drawWanted(reader: Reader): Wanted {
  const { random } = reader
  const event = drawEvent(reader)
  if (!event) return { since: reader.simulation.now - DAY }
  const { status, channel, contactId } = event
  return {
    ...drawPeriod(reader, event.occurredAt),
    ...(random.chance(0.4) && { status }),
    ...(random.chance(0.4) && channel !== undefined && { channel }),
    ...(random.chance(0.15) && contactId !== undefined && { contactId }),
  }
}

function drawPeriod({ random, simulation }: Reader, at: number): Wanted {
  if (random.chance(0.1)) return { since: at, until: at + 1 }
  if (random.chance(0.2)) return { since: simulation.now - random.between(1, 3 * DAY) }
  return { since: at - random.between(0, 2 * DAY), until: at + random.between(1, 2 * DAY) }
}

const PLAIN = /^[\w ]+$/

/** An event that was stored at some time, mostly not long ago, and can be asked for. */
export function drawEvent({ random, shelf }: Reader): Shelved | undefined {
  const { all } = shelf
  if (all.length === 0) return undefined
  const from = random.chance(0.6) ? Math.max(0, all.length - 200) : 0
  const event = all[random.between(from, all.length - 1)]
  const { contactId = '1', status = '', channel = 'sms' } = event ?? {}
  const isPlain = /^\d{1,15}$/.test(contactId) && PLAIN.test(status) && PLAIN.test(channel)
  return isPlain ? event : undefined
}

export function drawContact(reader: Reader): string | undefined {
  return drawEvent(reader)?.contactId
}

function toQuery(
  { since, until, contactId, status, channel }: Wanted,
  { limit, cursor }: { limit?: number; cursor?: string | undefined },
): URLSearchParams {
  const all = { since, until, contactId, activityStatus: status, mediaType: channel, limit, cursor }
  const given = Object.entries(all).filter(([, value]) => value !== undefined)
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)]))
}
