import {
  LOOKUP_PARAMETERS,
  normalizeIdentifier,
  readIdentifiers,
  readPhone,
} from '../event/identifier.ts'
import {
  findContactIds,
  listSomeIdentifiers,
  type ContactIdentifiers,
} from '../db/events/identifiers.ts'
import { MAX_SCANS } from '../db/events/scan-plan.ts'
import { MIN_PIECE, searchIdentifiers } from '../db/events/search-identifiers.ts'
import { findMessages, type FoundMessage } from '../db/reports/campaigns.ts'
import type { StoredEvent } from '../db/stored-event.ts'
import type { History } from '../history/history.ts'
import { listHistory } from '../history/list.ts'
import { integer } from '../http/query-fields.ts'

const MAX_CONTACTS = 50
const MAX_MESSAGES = 50
const MAX_NAMELESS = 50 // events

/** A contact with those of its identifiers that matter here. */
export type FoundContact = { contactId: string; names: ContactIdentifiers }

/** What a text names: contacts, messages, or events without a contact. */
export type Found = {
  contacts: FoundContact[]
  messages: FoundMessage[]
  /** Events with the text as address, and without a contact. */
  nameless: StoredEvent[]
  /** The last contact that was searched, decimal digits; null if all were. */
  next: string | null
  /** Whether there are more contacts, or more messages, than are listed. */
  isCut: boolean
  /** Whether the text looks like a whole address or ID that nothing has: what contains it may be somebody else's. */
  isOther: boolean
}

const IS_WHOLE = /\d|\S@\S+\.\S/

/**
 * Finds what a text names as a whole: an address, an ID or the name of a message. If nothing has that, it finds the
 * contacts with an address or ID, and the messages with a name, that contain it.
 *
 * @param country of phone numbers without a country code
 */
export async function findAnything(
  history: History,
  text: string,
  country: string,
): Promise<Found> {
  const [ids, messages] = await Promise.all([
    findIds(history, text, country),
    findMessages(history.db, text),
  ])
  const exact = messages.filter(({ isExact }) => isExact)
  if (ids.length + exact.length > 0) return listExact(history, ids, exact)
  if (text.length < MIN_PIECE) return found({})
  const { contacts, next } = await searchIdentifiers(history.db, text, null, MAX_CONTACTS)
  if (contacts.length + messages.length > 0 || next) {
    const isOther = contacts.length > 0 && IS_WHOLE.test(text)
    return found({ contacts, messages, next, isOther })
  }
  return found({ nameless: await findNameless(history, text, country) })
}

/** Continues a search for contacts whose address or ID contains a text. @param after the `next` of the search before */
export async function findMore(history: History, text: string, after: string): Promise<Found> {
  return found(await searchIdentifiers(history.db, text, after, MAX_CONTACTS))
}

function found({
  contacts = [],
  messages = [],
  nameless = [],
  next = null,
  isCut = false,
  isOther = false,
}: Partial<Found>): Found {
  return {
    contacts,
    messages: messages.slice(0, MAX_MESSAGES),
    nameless,
    next,
    isCut: isCut || messages.length > MAX_MESSAGES,
    isOther,
  }
}

async function listExact(
  { db }: History,
  ids: readonly string[],
  messages: FoundMessage[],
): Promise<Found> {
  const shown = ids.slice(0, MAX_SCANS)
  const identifiers = await listSomeIdentifiers(db, shown)
  const contacts = shown.map((contactId) => ({
    contactId,
    names: identifiers.get(contactId)?.names ?? {},
  }))
  return found({ contacts, messages, isCut: ids.length > shown.length })
}

/** The possible readings of a text as an identifier. */
function readAs(name: string, text: string, country: string): string[] {
  return name === 'sms' ? readPhone(text, country) : readIdentifiers(name, text)
}

/** The IDs of all contacts that a text may identify, decimal digits. */
async function findIds(history: History, text: string, country: string): Promise<string[]> {
  const found = await Promise.all([
    ...LOOKUP_PARAMETERS.map((name) =>
      findContactIds(history.db, name, readAs(name, text, country), MAX_SCANS),
    ),
    findById(history, text),
  ])
  return [...new Set(found.flat())]
}

async function findById(history: History, text: string): Promise<string[]> {
  const digits = integer.safeParse(text).data
  if (digits === undefined) return []
  const id = String(BigInt(digits))
  const page = await listHistory(history, { parameters: { contactId: [id] } }, 1, undefined)
  return page.events.length > 0 ? [id] : []
}

/** The newest events with an address, which no contact has. */
async function findNameless(
  history: History,
  text: string,
  country: string,
): Promise<StoredEvent[]> {
  const name = text.includes('@') ? 'email' : 'sms'
  const values = readAs(name, text, country)
  const isAddress = values.some((value) => normalizeIdentifier(name, value) !== undefined)
  if (!isAddress || (name === 'sms' && !/^[+\d\s()./-]+$/.test(text))) return []
  const filter = { parameters: { [name]: values } }
  return (await listHistory(history, filter, MAX_NAMELESS, undefined)).events
}
