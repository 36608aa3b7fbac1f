import { SECRETS } from '../simulation.ts'
import { compareId, compareList, type Wanted } from './compare-events.ts'
import { drawContact, drawEvent } from './programs.ts'
import type { Answer, Reader } from './reader.ts'
import type { Identifier } from './shelf.ts'

const ORIGIN = 'https://receiver.example.com'
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
const FORM = 'application/x-www-form-urlencoded'
const LIST_ITEM = /<li data-id="([^"]+)"/g
const OLDER = /<a id="older" href="([^"]*)"( hidden)?/
const EVENT_LINK = /href="\/recent\/(\d{13}\.[0-9a-f]{32})/g
/** Shorter ones might be in a page by chance. */
const MIN_LENGTH = 8

type Session = { reader: Reader; cookie: string; language: string }

/** Signs in, looks at some pages, and mostly signs out. */
export async function visitPages(reader: Reader): Promise<void> {
  const { random } = reader
  const language = random.pick(['en', 'uk'])
  if (random.chance(0.1)) await signInWrongly(reader)
  const cookie = await signIn(reader)
  if (cookie === undefined) return
  const session = { reader, cookie, language }
  const pages = Array.from({ length: random.between(2, 6) }, () => random.pick(PAGES))
  for (const page of pages) await page(session)
  if (random.chance(0.8)) await signOut(session)
}

const PAGES: readonly ((session: Session) => Promise<void>)[] = [
  (session) => showAny(session, ['/', '/campaigns', '/bounces', '/coverage', '/status']),
  (session) =>
    showAny(session, ['/quarantine', '/search', '/erasures', '/engagement', '/providers']),
  (session) => showAny(session, ['/campaigns?by=broadcasts', '/campaigns/hours']),
  showCampaign,
  showRecent,
  showRecent,
  showEvent,
  showContact,
  showContact,
  showErased,
  search,
]

async function signIn(reader: Reader): Promise<string | undefined> {
  const answer = await sendForm(reader, '/sign-in', { token: SECRETS.READ_TOKEN, to: '/recent' })
  if (!answer) return undefined
  const cookie = answer.headers.get('Set-Cookie')?.split(';')[0] ?? ''
  if (answer.status !== 303 || cookie === '')
    reader.fail(answer, `got ${answer.status} for the right token`)
  return cookie
}

async function signInWrongly(reader: Reader): Promise<void> {
  const answer = await sendForm(reader, '/sign-in', { token: reader.random.hex(30) })
  if (!answer) return
  const isLetIn = answer.status !== 401 || answer.headers.has('Set-Cookie')
  if (isLetIn) reader.fail(answer, `got ${answer.status} for a wrong token`)
}

async function signOut({ reader, cookie, language }: Session): Promise<void> {
  const answer = await sendForm(reader, '/sign-out', {}, cookie)
  if (!answer) return
  if (answer.status !== 303) reader.fail(answer, `got ${answer.status}`)
  const path = reader.random.pick(['/', '/recent', '/status', '/campaigns'])
  const after = await open({ reader, cookie, language }, path)
  if (after && after.status !== 401) reader.fail(after, `got ${after.status} after signing out`)
}

async function showAny(session: Session, paths: readonly string[]): Promise<void> {
  await show(session, session.reader.random.pick(paths))
}

async function showCampaign(session: Session): Promise<void> {
  const event = drawEvent(session.reader)
  const { messageId } = event ?? {}
  if (!event || messageId === undefined || !/^\d{1,15}$/.test(messageId)) return
  const day = new Date(event.occurredAt).toISOString().slice(0, 10)
  await show(session, `/campaigns/${messageId}?first=${day}&last=${day}`)
}

/** The newest events, or those of a contact or a status, and sometimes older ones. */
async function showRecent(session: Session): Promise<void> {
  const { reader } = session
  const { contactId, status } = drawEvent(reader) ?? {}
  const choices: Wanted[] = [
    {},
    contactId === undefined ? {} : { contactId },
    status === undefined ? {} : { status },
  ]
  const wanted = reader.random.pick(choices)
  let path = `/recent?${new URLSearchParams(toQuery(wanted))}`
  let after: string | null = null
  for (let pages = 0; pages < 3; pages++) {
    const answer = await show(session, path)
    if (!answer) return
    const ids = Array.from(answer.body.matchAll(LIST_ITEM), ([, id = '']) => id)
    const [, link = '', hidden] = OLDER.exec(answer.body) ?? []
    const older = new URL(link.replaceAll('&amp;', '&'), ORIGIN)
    const next = hidden === undefined ? older.searchParams.get('cursor') : null
    compareList(reader, wanted, { ids, after, next }, answer)
    if (next === null) return
    path = older.pathname + older.search
    after = next
  }
}

async function showEvent(session: Session): Promise<void> {
  const { reader } = session
  const event = drawEvent(reader)
  if (!event) return
  const answer = await show(session, `/recent/${event.id}`, 404)
  if (!answer) return
  if (answer.status === 404) {
    if (reader.mustShow(event, answer)) reader.fail(answer, 'found nothing')
    return
  }
  compareId(reader, {}, event.id, answer)
  if (!answer.body.includes(event.id)) reader.fail(answer, `lacks ${event.id}`)
}

async function showContact(session: Session): Promise<void> {
  const contactId = drawContact(session.reader)
  if (contactId !== undefined) await compareContactPage(session, contactId)
}

/** The page of somebody who was erased. */
async function showErased(session: Session): Promise<void> {
  const { reader } = session
  const { erased } = reader.shelf
  if (erased.length > 0) await compareContactPage(session, reader.random.pick(erased))
}

async function compareContactPage(session: Session, contactId: string): Promise<void> {
  const { reader } = session
  const answer = await show(session, `/contact/${contactId}`, 404)
  if (!answer) return
  const all = reader.shelf.ofContact(contactId)
  const isThere = all.some((each) => reader.mustShow(each, answer))
  if (answer.status === 404) {
    if (isThere) reader.fail(answer, 'is not known')
    return
  }
  for (const [, id = ''] of answer.body.matchAll(EVENT_LINK)) {
    compareId(reader, { contactId }, id, answer)
  }
  for (const status of new Set(all.map((each) => each.status))) {
    compareCount(reader, contactId, status, answer)
  }
}

/** Compares how many events of a status the page of a contact counts. */
function compareCount(reader: Reader, contactId: string, status: string, answer: Answer): void {
  const link = `/recent?${new URLSearchParams({ contactId, activityStatus: status })}`
  const [, after] = answer.body.split(`<a href="${link.replaceAll('&', '&amp;')}">`)
  if (after === undefined) return
  const [, text = ''] = /<\/bdi>([^<]*)<\/a>/.exec(after) ?? []
  const shown = Number(text.replaceAll(/\D/g, ''))
  const all = reader.shelf.ofContact(contactId).filter((each) => each.status === status)
  const least = all.filter((each) => reader.mustShow(each, answer)).length
  const most = all.filter((each) => reader.mayShow(each, answer)).length
  if (shown < least || shown > most) {
    reader.fail(answer, `counts ${shown} events with ${status}, not ${least} to ${most}`)
  }
}

/** Searches for a contact by an address. */
async function search(session: Session): Promise<void> {
  const { reader, cookie, language } = session
  const event = drawEvent(reader)
  const identifier = event?.identifiers.find(({ name }) => name === 'email' || name === 'sms')
  const { contactId } = event ?? {}
  if (!event || !identifier || contactId === undefined) return
  const cookies = `${cookie}; language=${language}`
  const answer = await sendForm(reader, '/search', { query: identifier.value }, cookies)
  if (!answer) return
  const target = answer.headers.get('Location') ?? answer.body
  const isFound = new RegExp(`/contact/${contactId}(?!\\d)`).test(target)
  const isThere = event.countedAt <= answer.began && reader.mustShow(event, answer)
  if (isThere && !isFound) reader.fail(answer, `lacks contact ${contactId}`)
  const mayBe = reader.shelf.ofContact(contactId).some((each) => reader.mayName(each, answer))
  if (isFound && !mayBe) reader.fail(answer, `has contact ${contactId}`)
}

/** Opens a page. @returns it if it has one of these statuses, or 200 */
async function show(
  session: Session,
  path: string,
  ...others: number[]
): Promise<Answer | undefined> {
  const { reader, language } = session
  const answer = await open(session, path)
  if (!answer) return undefined
  const { status, body } = answer
  if (status !== 200 && !others.includes(status)) reader.fail(answer, `got ${status}`)
  if (!body.includes(`<html lang="${language}"`) || !body.trimEnd().endsWith('</html>')) {
    reader.fail(answer, 'is not a page, or not in the language')
  }
  const value = findErased(reader, answer)
  if (value !== undefined) reader.fail(answer, `has ${value} of an erased contact`)
  return answer
}

function open({ reader, cookie, language }: Session, path: string): Promise<Answer | undefined> {
  const headers = { Accept: BROWSER, Cookie: `${cookie}; language=${language}`, Origin: ORIGIN }
  return reader.send(path, { headers })
}

function sendForm(
  reader: Reader,
  path: string,
  fields: Record<string, string>,
  cookie?: string,
): Promise<Answer | undefined> {
  const headers = {
    Accept: BROWSER,
    Origin: ORIGIN,
    'Content-Type': FORM,
    ...(cookie !== undefined && { Cookie: cookie }),
  }
  return reader.send(path, { method: 'POST', headers, body: String(new URLSearchParams(fields)) })
}

/** An identifier of somebody erased, which nothing that happened afterwards has, in a page. */
function findErased({ shelf }: Reader, { body, began }: Answer): string | undefined {
  for (const contactId of shelf.erased) {
    const events = shelf.ofContact(contactId)
    const [gone, left] = [new Set<Identifier>(), new Set<Identifier>()]
    for (const { entry, identifiers } of events) {
      const set = shelf.isErased(entry, began) ? gone : left
      for (const identifier of identifiers) set.add(identifier)
    }
    const found = gone
      .difference(left)
      .values()
      // A customer ID may be the same as the contact ID, which the page of whoever came back has.
      .find(
        ({ value }) => value.length >= MIN_LENGTH && value !== contactId && body.includes(value),
      )
    if (found) return found.value
  }
  return undefined
}

function toQuery({ contactId, status }: Wanted): Record<string, string> {
  return {
    ...(contactId !== undefined && { contactId }),
    ...(status !== undefined && { activityStatus: status }),
  }
}
