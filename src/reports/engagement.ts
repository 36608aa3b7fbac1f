import * as z from 'zod'
import { DAY_MS } from '../event/clock.ts'
import { exactNumber } from '../event/exact-number.ts'
import {
  BAND_NAMES,
  countEngagement,
  listEngagement,
  type Band,
  type EngagedContact,
  type EngagementFilter,
} from '../db/engagement/read.ts'
import {
  findPersonIdentifiers,
  PERSON_IDENTIFIERS,
  type PersonIdentifiers,
} from '../db/events/people.ts'
import { csvHeader, csvLine, shield } from '../http/csv.ts'
import { defineEndpoint, lazily } from '../http/endpoint.ts'
import { someOf, text } from '../http/query-fields.ts'
import { textOf } from '../language/messages.ts'
import { streamExport, type ExportPage } from '../http/stream-export.ts'
import { contactExportFields, RESUME } from './contact-export.ts'

const MAX_DAYS = 10_000

const days = z
  .string()
  .transform((digits) => (/^\d+$/.test(digits) ? Number(digits) : 0))
  .refine(
    (value) => value >= 1 && value <= MAX_DAYS,
    `must be a whole number from 1 to ${MAX_DAYS}`,
  )
  .optional()

/** Query parameters of `GET /reports/engagement`. */
export const engagementQuery = z.strictObject({
  mediaType: text.default('email').meta({ description: 'The channel; email by default.' }),
  deliveredWithin: days.meta({
    description: 'Only contacts to whom a message was delivered in so many days before `asOf`.',
  }),
  notEngagedWithin: days.meta({
    description:
      'Only contacts who have read and clicked nothing in so many days before `asOf`, or never.',
  }),
})

/** Query parameters of an export: of all contacts, unless a limit is set. */
export const engagementExportQuery = engagementQuery.extend({
  band: someOf(BAND_NAMES)
    .optional()
    .meta({
      description: `Only contacts of these bands: ${BAND_NAMES.map((name) => `\`${name}\``).join(', ')}. Comma-separated.`,
    }),
  ...contactExportFields('contact', 'contacts'),
})

const engagementSchema = lazily(() => {
  const band = z.strictObject({
    band: z.enum(BAND_NAMES as [Band, ...Band[]]),
    title: z.string(),
    contacts: z.int(),
  })
  return z
    .strictObject({
      mediaType: z.string(),
      asOf: z.int().nullable().meta({
        description:
          'The end of the last day that is counted, at 00:00 UTC; the days of bands and filters are before it. UTC milliseconds; null before the first day is over.',
      }),
      contacts: z.int().meta({ description: 'All of these bands together.' }),
      bands: z.array(band).meta({
        description:
          'By the last read or click of a person. `never`: something was delivered, and nothing read or clicked. `unknown`: the same, in a channel that has never reported a read or a click.',
      }),
    })
    .meta({ id: 'Engagement' })
})

const showEngagement = defineEndpoint({
  method: 'get',
  path: '/reports/engagement',
  access: 'readToken',
  operationId: 'showEngagement',
  tag: 'Reports',
  summary: 'Contacts by their last read or click',
  description:
    'All contacts to whom something was delivered in a channel, or who read or clicked there, by the days since. Machines are left out. A day is counted when it is over. With `deliveredWithin=90&notEngagedWithin=90`, `contacts` are those who have opened nothing in 90 days though messages were delivered; `/reports/engagement.csv` lists them.',
  query: engagementQuery,
  response: engagementSchema,
  async handle({ env, query }) {
    const { asOf, bands: counts } = await countEngagement(env.DB, query)
    return {
      mediaType: query.mediaType,
      asOf,
      contacts: Object.values(counts).reduce((sum, contacts) => sum + contacts, 0),
      bands: BAND_NAMES.map((band) => ({
        band,
        title: textOf('en', `engagement.band.${band}`),
        contacts: counts[band],
      })),
    }
  },
})

type Line = EngagedContact & { identifiers: Partial<PersonIdentifiers> }

const CSV_COLUMNS = ['contactId', ...PERSON_IDENTIFIERS, 'band', 'lastDeliveredOn', 'lastEngagedOn']

function toCsv({ contactId, band, deliveredOn, engagedOn, identifiers }: Line): string {
  return csvLine([
    contactId,
    ...PERSON_IDENTIFIERS.map((name) => shield(identifiers[name] ?? '')),
    band,
    formatDay(deliveredOn) ?? '',
    formatDay(engagedOn) ?? '',
  ])
}

function toNdjson({ contactId, band, deliveredOn, engagedOn, identifiers }: Line): string {
  const names = PERSON_IDENTIFIERS.map((name) => [name, identifiers[name] ?? null])
  const line = {
    contactId: exactNumber(contactId),
    ...(Object.fromEntries(names) as PersonIdentifiers),
    band,
    lastDeliveredOn: formatDay(deliveredOn),
    lastEngagedOn: formatDay(engagedOn),
  }
  return `${JSON.stringify(line)}\n`
}

/** A day in UTC, such as 2026-03-01. */
function formatDay(day: number | null): string | null {
  return day === null ? null : new Date(day * DAY_MS).toISOString().slice(0, 10)
}

const FORMATS = {
  csv: { type: 'text/csv', header: csvHeader(CSV_COLUMNS), line: toCsv },
  ndjson: { type: 'application/x-ndjson', header: '', line: toNdjson },
} as const

type Format = keyof typeof FORMATS

/**
 * Streams the contacts of some bands. If the export is interrupted, the reader can continue after the `contactId` of
 * the last complete line.
 *
 * @throws what D1 throws for the first page
 */
export function exportEngagement(
  db: D1Database,
  query: z.output<typeof engagementExportQuery>,
  format: Format,
): Promise<Response> {
  const { limit: contacts, cursor, band, ...filter } = query
  const { type, header, line } = FORMATS[format]
  const from = cursor === undefined ? undefined : String(cursor + 1n)
  const pages = readPages(db, filter, band, contacts, from, line)
  return streamExport({ name: `engagement.${format}`, type, header }, pages)
}

async function* readPages(
  db: D1Database,
  filter: EngagementFilter,
  chosen: readonly Band[] | undefined,
  limit: number,
  from: string | undefined,
  line: (contact: Line) => string,
): AsyncGenerator<ExportPage, undefined> {
  let next: string | null | undefined = from
  for (let left = limit; left > 0 && next !== null;) {
    const page = await listEngagement(db, filter, chosen, next)
    const contacts = page.contacts.slice(0, left)
    const known = await findPersonIdentifiers(
      db,
      contacts.map(({ contactId }) => contactId),
    )
    const lines = contacts.map((contact) =>
      line({ ...contact, identifiers: known.get(contact.contactId) ?? {} }),
    )
    left -= contacts.length
    next = page.next
    yield { text: lines.join(''), isLast: left <= 0 || next === null }
  }
  return undefined
}

function defineExport(format: Format, summary: string, line: string) {
  return defineEndpoint({
    method: 'get',
    path: `/reports/engagement.${format}`,
    access: 'readToken',
    listsPeople: true,
    operationId: format === 'csv' ? 'exportEngagementAsCsv' : 'exportEngagementAsNdjson',
    tag: 'Reports',
    summary,
    description: `In ascending order of their \`contactId\`, each with one identifier of each kind, and the last days in UTC. ${RESUME}`,
    query: engagementExportQuery,
    texts: { [FORMATS[format].type]: `${line} ${RESUME}` },
    handle: ({ env, query }) => exportEngagement(env.DB, query, format),
  })
}

export const engagementEndpoints = [
  showEngagement,
  defineExport(
    'csv',
    'Export contacts by their last read or click as CSV',
    'A header line, then a line for each contact.',
  ),
  defineExport(
    'ndjson',
    'Export contacts by their last read or click as lines of JSON',
    'A line of JSON for each contact.',
  ),
]
