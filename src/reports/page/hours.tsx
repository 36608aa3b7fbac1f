import * as z from 'zod'
import { countByWeekHour, type WeekHourCount } from '../../db/reports/time-series.ts'
import { periodOf } from '../../db/reports/totals.ts'
import { countDelays } from '../../db/rollups/delays.ts'
import { toFullHours } from '../../db/rollups/scan.ts'
import { perZone } from '../../http/query-fields.ts'
import { downloadCsv, isCsvRequested } from '../../web/csv-download.ts'
import { DownloadLink } from '../../web/download-link.tsx'
import { Layout } from '../../web/layout.tsx'
import { link } from '../../web/link.ts'
import { readPageQuery } from '../../web/page-query.ts'
import { PeriodChoice } from '../../web/period-choice.tsx'
import { periodFields, periodQuery, toPeriod } from '../../web/period.ts'
import { nameOf } from '../../web/statuses.ts'
import { showPage, useViewer, viewerOf, type PageContext, type Viewer } from '../../web/viewer.tsx'
import { campaignFields, toCampaignFilter } from '../api.ts'
import { chooseOffsetSpans } from '../buckets.ts'
import { toCounts } from '../counts.ts'
import { describeDelays } from '../delays.ts'
import { Delays } from './delays.tsx'
import { FilterChips } from './filter-chips.tsx'
import { nameFilters } from './names.ts'
import { toFilters } from './query.ts'
import { Sections } from './sections.tsx'

const KINDS = ['read', 'clicked', 'delivered'] as const
const WEEKDAYS = [0, 1, 2, 3, 4, 5, 6]
const HOURS = Array.from({ length: 24 }, (_, hour) => hour)
const SHADES = 5

const hoursQuery = perZone((zone) =>
  z.strictObject({
    of: z.enum(KINDS, { error: `must be one of ${KINDS.join(', ')}` }).default('read'),
    ...periodFields(zone),
    ...campaignFields(),
  }),
)

/** `GET /campaigns/hours`: at what hour and weekday people read, and how long after the delivery. */
export async function showHours(context: PageContext): Promise<Response> {
  const { env, req } = context
  const viewer = viewerOf(context)
  const { clock, text } = viewer
  const query = readPageQuery(hoursQuery(clock.zone), req.url)
  const { of } = query
  const period = toPeriod(query, '30days', clock.zone)
  const filter = toCampaignFilter(query)
  const spans = chooseOffsetSpans('day', period, clock.zone)
  const [found, delays] = await Promise.all([
    countByWeekHour(env.DB, filter, spans),
    countDelays(env.DB, filter, toFullHours(periodOf(spans))),
  ])
  const people = sumUp(found.counts, of)
  if (isCsvRequested(context)) return downloadHours(context, people)
  const filters = toFilters(query)
  const kept = { of: of === 'read' ? undefined : of, ...filters }
  const page = { ...kept, ...periodQuery(period) }
  return showPage(
    context,
    <Layout view="/campaigns" title={text('section./campaigns/hours')}>
      <Sections current="/campaigns/hours" query={{ ...filters, ...periodQuery(period) }} />
      <div class="bar">
        <PeriodChoice path="/campaigns/hours" period={period} query={kept} />
        <nav class="switch" aria-label={text('hours.of')}>
          {KINDS.map((kind) => (
            <a
              href={link('/campaigns/hours', { ...page, of: kind })}
              aria-current={kind === of ? 'true' : undefined}
            >
              {nameOf(kind.toUpperCase(), text)}
            </a>
          ))}
        </nav>
      </div>
      <FilterChips
        path="/campaigns/hours"
        query={page}
        removable={Object.keys(filters)}
        names={await nameFilters(env.DB, filter, viewer)}
      />
      {people.every((count) => count === 0) ? (
        <p class="empty">{text('hours.none')}</p>
      ) : (
        <>
          <Busiest people={people} />
          <HeatTable people={people} />
          <p class="bar">
            <DownloadLink />
          </p>
        </>
      )}
      {!found.complete && <p class="note warn">{text('campaigns.tooMuch')}</p>}
      <Delays delays={describeDelays(delays)} />
      <p class="quiet">
        {text('hours.note')} {text('campaigns.times', { zone: clock.name })}
      </p>
    </Layout>,
  )
}

/** People in each hour of the week, from Monday at midnight. */
function sumUp(counts: readonly WeekHourCount[], of: (typeof KINDS)[number]): number[] {
  const hours = Map.groupBy(counts, ({ weekHour }) => weekHour)
  return Array.from({ length: 7 * 24 }, (_, weekHour) => {
    const named = toCounts(hours.get(weekHour) ?? [])
    return of === 'delivered' ? named.delivered.contacts : named[of].withoutMachines.contacts
  })
}

/** The weekday and the hour in which most people did it, in a sentence. */
function Busiest({ people }: { people: readonly number[] }) {
  const viewer = useViewer()
  const most = Math.max(...people)
  const weekHour = people.indexOf(most)
  return (
    <p>
      {viewer.text('hours.busiest', {
        weekday: viewer.weekday(Math.floor(weekHour / 24), 'long'),
        hours: nameHours(weekHour % 24, viewer),
        count: most,
      })}
    </p>
  )
}

function HeatTable({ people }: { people: readonly number[] }) {
  const viewer = useViewer()
  const { text, number } = viewer
  const most = Math.max(1, ...people)
  return (
    <div class="scroll" tabindex={0} role="region" aria-label={text('hours.table')}>
      <table class="heat fits">
        <thead>
          <tr>
            <th scope="col">{text('hours.hour')}</th>
            {WEEKDAYS.map((weekday) => (
              <th scope="col">{viewer.weekday(weekday, 'short')}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {HOURS.map((hour) => (
            <tr>
              <th scope="row">{nameHour(hour)}</th>
              {WEEKDAYS.map((weekday) => {
                const count = people[weekday * 24 + hour] ?? 0
                return <td class={`heat-${shadeOf(count, most)}`}>{number(count)}</td>
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** The root of a share: most hours are far below the busiest one. */
function shadeOf(count: number, most: number): number {
  return Math.ceil(Math.sqrt(count / most) * SHADES)
}

/** An hour of the day: `14:00–15:00`. */
function nameHours(hour: number, { text }: Pick<Viewer, 'text'>): string {
  return text('hours.range', { from: nameHour(hour), to: nameHour(hour + 1) })
}

function nameHour(hour: number): string {
  return `${String(hour % 24).padStart(2, '0')}:00`
}

function downloadHours(context: PageContext, people: readonly number[]): Response {
  const viewer = viewerOf(context)
  return downloadCsv(context, {
    name: 'hours',
    heads: [
      viewer.text('hours.hour'),
      ...WEEKDAYS.map((weekday) => viewer.weekday(weekday, 'long')),
    ],
    rows: HOURS.map((hour) => [
      nameHours(hour, viewer),
      ...WEEKDAYS.map((weekday) => people[weekday * 24 + hour] ?? 0),
    ]),
  })
}
