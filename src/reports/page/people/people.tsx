import type { z } from 'zod'
import { PERSON_IDENTIFIERS } from '../../../db/events/people.ts'
import { OUTCOME_NAMES, type Outcome } from '../../../event/outcome.ts'
import { isTextKey } from '../../../language/messages.ts'
import type { Person } from '../../../history/facts.ts'
import { openHistory } from '../../../history/history.ts'
import { PeopleReader } from '../../../history/people.ts'
import { csvName, writeCsvHeads, writeCsvLine } from '../../../web/csv-download.ts'
import { Layout } from '../../../web/layout.tsx'
import { link, timeInLink, type Query } from '../../../web/link.ts'
import { readPageQuery } from '../../../web/page-query.ts'
import { NumberHead, Table } from '../../../web/table.tsx'
import {
  showPage,
  useViewer,
  viewerOf,
  type PageContext,
  type Viewer,
} from '../../../web/viewer.tsx'
import { toCampaignFilter } from '../../api.ts'
import {
  exportPeople,
  peopleExportQuery,
  peopleQuery,
  toPeopleQuery,
  type PeopleFormat,
} from '../../people.ts'
import { FilterChips } from '../filter-chips.tsx'
import { nameFilters } from '../names.ts'
import { toFilters } from '../query.ts'

const PEOPLE = 50

type PeopleQuery = z.output<ReturnType<typeof peopleQuery>>

/** `GET /campaigns/people`: the people of campaigns, by what they did and did not. */
export async function showPeople(context: PageContext): Promise<Response> {
  const { env, req } = context
  const viewer = viewerOf(context)
  const { text, clock } = viewer
  const query = readPageQuery(peopleQuery(clock.zone), req.url)
  const { cursor, did = [], didNot = [], link: clicked, machines, since, until } = query
  const filter = toCampaignFilter(query)
  const reader = await PeopleReader.open(openHistory(env), toPeopleQuery(query))
  const { people, next } = await reader.read(PEOPLE, cursor)
  const page: Query = {
    ...toFilters(query),
    did: did.join(',') || undefined,
    didNot: didNot.join(',') || undefined,
    link: clicked,
    machines: machines === 'exclude' ? machines : undefined,
    since: since === undefined ? undefined : timeInLink(since),
    until: until === undefined ? undefined : timeInLink(until),
  }
  const names = await nameFilters(env.DB, filter, viewer)
  return showPage(
    context,
    <Layout view="/campaigns" title={titleOf(query, text)}>
      <FilterChips
        path="/campaigns/people"
        query={{ ...page, did: undefined, didNot: undefined }}
        removable={[...Object.keys(filter), 'link']}
        names={names}
      />
      {people.length > 0 && (
        <p>
          <a class="download" href={link('/campaigns/people.csv', page)} download>
            {text('people.download')}
          </a>
        </p>
      )}
      {people.length === 0 ? (
        <p class="empty">{text(next === null ? 'people.none' : 'people.noneHere')}</p>
      ) : (
        <People people={people} />
      )}
      {next !== null && (
        <p>
          <a rel="next" href={link('/campaigns/people', { ...page, cursor: String(next) })}>
            {text('campaigns.nextPage')}
          </a>
        </p>
      )}
      <p class="quiet">
        {text(machines === 'exclude' ? 'people.note.withoutMachines' : 'people.note')}{' '}
        {text('campaigns.times', { zone: clock.name })}
      </p>
    </Layout>,
  )
}

/** Who these people are: `Delivered, not opened`. */
function titleOf({ did = [], didNot = [], link: clicked }: PeopleQuery, text: Viewer['text']) {
  if (clicked !== undefined) return text('people.title.link')
  const key = `people.title.${[...did, ...didNot.map((name) => `not-${name}`)].join('.')}`
  return isTextKey(key) ? text(key) : text('people.title')
}

const SHOWN = OUTCOME_NAMES.filter((name) => name !== 'sent')

function People({ people }: { people: readonly Person[] }) {
  const { text, clock, number } = useViewer()
  const shown = SHOWN.filter((name) => people.some((person) => person[name] !== null))
  const hasClicks = people.some(({ clicks }) => clicks > 0)
  return (
    <Table
      label={text('people.title')}
      heads={[
        text('people.contact'),
        ...shown.map((name) => text(`people.at.${name}`)),
        ...(hasClicks ? [<NumberHead>{text('people.clicks')}</NumberHead>] : []),
      ]}
    >
      {people.map((person) => (
        <tr>
          <th scope="row">
            <a href={`/contact/${person.contactId}`}>
              <bdi>{nameOf(person, text)}</bdi>
            </a>
          </th>
          {shown.map((name) => (
            <td>{timeOf(person, name) !== null && clock.minute(timeOf(person, name) ?? 0)}</td>
          ))}
          {hasClicks && <td class="right">{number(person.clicks)}</td>}
        </tr>
      ))}
    </Table>
  )
}

function timeOf(person: Person, name: Outcome): number | null {
  return person[name]
}

function nameOf({ email, sms, externalCustomerId, contactId }: Person, text: Viewer['text']) {
  return email ?? sms ?? externalCustomerId ?? text('event.contact', { id: String(contactId) })
}

/** `GET /campaigns/people.csv`: the export of people, for whoever is signed in. */
export async function downloadPeople(context: PageContext): Promise<Response> {
  const { env, req } = context
  const viewer = viewerOf(context)
  const query = readPageQuery(peopleExportQuery(viewer.clock.zone), req.url)
  return exportPeople(env, query, csvName('people', viewer), toCsvFormat(viewer))
}

/** CSV with heads, times and numbers of the viewer's language. */
function toCsvFormat(viewer: Viewer): PeopleFormat {
  const { text } = viewer
  const heads = [
    text('parameter.contactId'),
    ...PERSON_IDENTIFIERS.map((name) => text(`parameter.${name}`)),
    ...OUTCOME_NAMES.map((name) => text(`people.at.${name}`)),
    text('people.reads'),
    text('people.clicks'),
  ]
  return {
    type: 'text/csv',
    header: writeCsvHeads(heads, viewer),
    line: (person) =>
      writeCsvLine(
        [
          String(person.contactId),
          ...PERSON_IDENTIFIERS.map((name) => person[name]),
          ...OUTCOME_NAMES.map((name) => {
            const time = timeOf(person, name)
            return time === null ? null : new Date(time)
          }),
          person.reads,
          person.clicks,
        ],
        viewer,
      ),
  }
}
