import * as z from 'zod'
import { PERSON_IDENTIFIERS } from '../db/events/people.ts'
import { exactNumber } from '../event/exact-number.ts'
import { normalizeLink } from '../event/link.ts'
import { OUTCOME_NAMES, OUTCOMES, type Outcome } from '../event/outcome.ts'
import type { Person } from '../history/facts.ts'
import { openHistory } from '../history/history.ts'
import { PeopleReader, type PeopleQuery } from '../history/people.ts'
import { csvHeader, csvLine, shield } from '../http/csv.ts'
import { defineEndpoint, lazily } from '../http/endpoint.ts'
import { invalidParameter } from '../http/parse-query.ts'
import { integer, limit, period, perZone, someOf, text } from '../http/query-fields.ts'
import { integer64, moment, nextPage } from '../http/response-fields.ts'
import { streamExport, type ExportPage } from '../http/stream-export.ts'
import { campaignFields, periodSchema, toCampaignFilter } from './api.ts'
import { contactExportFields, RESUME } from './contact-export.ts'

const outcomes = someOf(OUTCOME_NAMES)

const ALL_OUTCOMES = OUTCOME_NAMES.map((name) => `\`${name}\``).join(', ')

/** Query parameters of `GET /reports/people`, and of the page. */
export const peopleQuery = perZone((zone) =>
  z.strictObject({
    did: outcomes.optional().meta({
      description: `Only people with all of these: ${ALL_OUTCOMES}. Comma-separated.`,
    }),
    didNot: outcomes.optional().meta({
      description:
        'Only people with none of these. Delivered but never opened: `did=delivered&didNot=read`.',
    }),
    link: text.transform(normalizeLink).optional().meta({
      description:
        'Only clicks on this link count, as it was sent or as `/reports/links` has it. Without `clicked` in `did` or `didNot`, only people who clicked it are found.',
    }),
    machines: z
      .enum(['include', 'exclude'], { error: 'must be include or exclude' })
      .default('include')
      .meta({ description: 'With `exclude`, reads and clicks of machines do not count.' }),
    ...period(zone),
    ...campaignFields(),
    limit: limit(1_000, 100),
    cursor: integer.transform(BigInt).optional().meta({
      description: 'The `next` of the previous page.',
    }),
  }),
)

/** Query parameters of an export: of all people, unless a limit is set. */
export const peopleExportQuery = perZone((zone) =>
  peopleQuery(zone).extend(contactExportFields('person', 'people')),
)

type Query = z.output<ReturnType<typeof peopleQuery>>

/** @throws HttpError 400 if nobody can match */
export function toPeopleQuery(query: Query): PeopleQuery {
  const { did = [], didNot = [], link, machines, since, until } = query
  if (didNot.some((name) => did.includes(name))) {
    throw invalidParameter('didNot', 'must not have an outcome that “did” has')
  }
  const isAboutClicks = [...did, ...didNot].includes('clicked')
  return {
    filter: { campaigns: toCampaignFilter(query), since, until },
    did: link === undefined || isAboutClicks ? did : [...did, 'clicked'],
    didNot,
    link,
    isWithoutMachines: machines === 'exclude',
  }
}

/** The names of outcomes in responses: of their first times. */
const TIME_NAMES: Readonly<Record<Outcome, string>> = {
  sent: 'sentAt',
  delivered: 'deliveredAt',
  read: 'readAt',
  clicked: 'clickedAt',
  bounced: 'bouncedAt',
  hardBounced: 'hardBouncedAt',
  complained: 'complainedAt',
  unsubscribed: 'unsubscribedAt',
}

const peopleSchema = lazily(() => {
  const times = OUTCOME_NAMES.map((name) => {
    const { status, isHard } = OUTCOMES[name]
    const described = `The first ${isHard ? `hard ${status}` : status}`
    return [TIME_NAMES[name], moment(described).nullable()]
  })
  const identifiers = PERSON_IDENTIFIERS.map((name) => [name, z.string().nullable()])
  const person = z
    .strictObject({
      contactId: integer64(),
      ...(Object.fromEntries(identifiers) as Record<string, z.ZodNullable<z.ZodString>>),
      ...(Object.fromEntries(times) as Record<string, z.ZodNullable<z.ZodInt>>),
      reads: z.int().meta({ description: 'How often this person opened.' }),
      clicks: z
        .int()
        .meta({ description: 'How often this person clicked; with `link`, that link.' }),
    })
    .meta({ id: 'Person' })
  return z
    .strictObject({
      period: periodSchema(),
      people: z.array(person).meta({ description: 'In ascending order of their `contactId`.' }),
      withoutContact: z
        .strictObject({
          events: z.int(),
          complete: z.boolean().meta({
            description: 'False if there was too much to search: there are at least as many.',
          }),
        })
        .nullable()
        .meta({
          description:
            'Events of these campaigns without a contact: no person has them. On the first page only.',
        }),
      next: nextPage(),
    })
    .meta({ id: 'People' })
})

const DESCRIPTION =
  'Each contact with an event of these campaigns in the period, once, by what it did and did not. Without a filter of campaigns, all of them.'

const listPeople = defineEndpoint({
  method: 'get',
  path: '/reports/people',
  access: 'readToken',
  listsPeople: true,
  operationId: 'listPeople',
  tag: 'Reports',
  summary: 'People of a campaign',
  description: `${DESCRIPTION} A page reads a bounded number of events: if few of the people match, it may be short, or empty, and still have a \`next\`.`,
  query: peopleQuery,
  response: peopleSchema,
  async handle({ env, query }) {
    const { limit: people, cursor, since = null, until = null } = query
    const reader = await PeopleReader.open(openHistory(env), toPeopleQuery(query))
    const page = await reader.read(people, cursor)
    return {
      period: { since, until },
      people: page.people.map(toFields),
      withoutContact: cursor === undefined ? await reader.countNameless() : null,
      next: page.next === null ? null : String(page.next),
    }
  },
})

function toFields(person: Person) {
  const { contactId, reads, clicks } = person
  const identifiers = PERSON_IDENTIFIERS.map((name) => [name, person[name]])
  const times = OUTCOME_NAMES.map((name) => [TIME_NAMES[name], person[name]])
  return {
    contactId: exactNumber(String(contactId)),
    ...(Object.fromEntries(identifiers) as Record<string, string | null>),
    ...(Object.fromEntries(times) as Record<string, number | null>),
    reads,
    clicks,
  }
}

const CSV_COLUMNS = [
  'contactId',
  ...PERSON_IDENTIFIERS,
  ...OUTCOME_NAMES.map((name) => TIME_NAMES[name]),
  'reads',
  'clicks',
]

function toCsv(person: Person): string {
  const { contactId, reads, clicks } = person
  return csvLine([
    String(contactId),
    ...PERSON_IDENTIFIERS.map((name) => shield(person[name] ?? '')),
    ...OUTCOME_NAMES.map((name) => formatTime(person[name])),
    String(reads),
    String(clicks),
  ])
}

function formatTime(time: number | null): string {
  return time === null ? '' : new Date(time).toISOString()
}

const FORMATS = {
  csv: { type: 'text/csv', header: csvHeader(CSV_COLUMNS), line: toCsv },
  ndjson: {
    type: 'application/x-ndjson',
    header: '',
    line: (person: Person) => `${JSON.stringify(toFields(person))}\n`,
  },
} as const

type Format = keyof typeof FORMATS

/** How an export writes people. */
export type PeopleFormat = {
  /** Its media type. */
  type: string
  header: string
  line: (person: Person) => string
}

/** People that an export reads at once. */
const EXPORT_PEOPLE = 1_000

/**
 * Streams the people of campaigns. If the export is interrupted, the reader can continue after the `contactId` of the
 * last complete line.
 *
 * @throws what D1 throws for the first page, and HttpError if the query is invalid, or the archive cannot be read
 */
export async function exportPeople(
  env: Env,
  query: Query,
  name: string,
  { type, header, line }: PeopleFormat,
): Promise<Response> {
  const reader = await PeopleReader.open(openHistory(env), toPeopleQuery(query))
  const pages = readPages(reader, query.limit, query.cursor, line)
  return streamExport({ name, type, header }, pages)
}

async function* readPages(
  reader: PeopleReader,
  most: number,
  after: bigint | undefined,
  line: (person: Person) => string,
): AsyncGenerator<ExportPage, undefined> {
  let next: bigint | null | undefined = after
  for (let left = most; left > 0 && next !== null;) {
    const page = await reader.read(Math.min(EXPORT_PEOPLE, left), next)
    left -= page.people.length
    next = page.next
    yield { text: page.people.map(line).join(''), isLast: left <= 0 || next === null }
  }
  return undefined
}

function defineExport(format: Format, summary: string, line: string) {
  return defineEndpoint({
    method: 'get',
    path: `/reports/people.${format}`,
    access: 'readToken',
    listsPeople: true,
    operationId: format === 'csv' ? 'exportPeopleAsCsv' : 'exportPeopleAsNdjson',
    tag: 'Reports',
    summary,
    description: `${DESCRIPTION} ${RESUME}`,
    query: peopleExportQuery,
    texts: { [FORMATS[format].type]: `${line} ${RESUME}` },
    handle: ({ env, query }) => exportPeople(env, query, `people.${format}`, FORMATS[format]),
  })
}

export const peopleEndpoints = [
  listPeople,
  defineExport(
    'csv',
    'Export people of a campaign as CSV',
    'A header line, then a line for each person, with times in UTC.',
  ),
  defineExport(
    'ndjson',
    'Export people of a campaign as lines of JSON',
    'A line of JSON for each person, a `Person`.',
  ),
]
