import {
  BAND_NAMES,
  BANDS,
  countEngagement,
  listEngagedChannels,
  type Engagement,
} from '../../db/engagement/read.ts'
import { formatCount, formatNumber, formatRate, type Clock } from '../../language/format.ts'
import { Layout } from '../../web/layout.tsx'
import { link, type Query } from '../../web/link.ts'
import { Moment } from '../../web/moment.tsx'
import { readPageQuery } from '../../web/page-query.ts'
import { NumberHead, Table } from '../../web/table.tsx'
import { viewerClock, type PageContext, showPage } from '../../web/viewer.tsx'
import { engagementExportQuery, engagementQuery, exportEngagement } from '../engagement.ts'

const DAYS = 90

/** `GET /engagement`: the contacts of a channel by their last read or click. */
export async function showEngagement(context: PageContext): Promise<Response> {
  const { env, req } = context
  const clock = viewerClock(context)
  const { mediaType } = readPageQuery(engagementQuery, req.url)
  const unread = { mediaType, deliveredWithin: DAYS, notEngagedWithin: DAYS }
  const [channels, engagement, unreadEngagement] = await Promise.all([
    listEngagedChannels(env.DB),
    countEngagement(env.DB, { mediaType }),
    countEngagement(env.DB, unread),
  ])
  return showPage(
    context,
    <Layout view="/campaigns" title="Engagement">
      <nav class="switch" aria-label="Channel">
        {channels.map((channel) => (
          <a
            href={link('/engagement', { mediaType: channel })}
            aria-current={channel === mediaType ? 'true' : undefined}
          >
            <bdi>{channel}</bdi>
          </a>
        ))}
      </nav>
      {countAll(engagement) === 0 ? (
        <p class="empty">
          No deliveries in this channel yet. A day is counted as soon as it is over.
        </p>
      ) : (
        <>
          <Bands engagement={engagement} mediaType={mediaType} />
          <p>
            {formatCount(countAll(unreadEngagement), 'contact')} read and clicked nothing in {DAYS}{' '}
            days, although messages were delivered in these days. <Download query={unread} />
          </p>
        </>
      )}
      <Notes engagement={engagement} clock={clock} />
    </Layout>,
  )
}

/** `GET /engagement/contacts.csv`: the export, for whoever is signed in. */
export async function downloadEngagement({ env, req }: PageContext): Promise<Response> {
  return exportEngagement(env.DB, readPageQuery(engagementExportQuery, req.url), 'csv')
}

function countAll({ bands }: Engagement): number {
  return Object.values(bands).reduce((sum, contacts) => sum + contacts, 0)
}

function Bands({ engagement, mediaType }: { engagement: Engagement; mediaType: string }) {
  const all = countAll(engagement)
  const shown = BAND_NAMES.filter((band) => band !== 'unknown' || engagement.bands.unknown > 0)
  return (
    <Table
      label="Contacts by their last read or click"
      heads={[
        'Last read or click',
        <NumberHead>Contacts</NumberHead>,
        <NumberHead>Share</NumberHead>,
        <td></td>,
      ]}
    >
      {shown.map((band) => (
        <tr>
          <th scope="row">{BANDS[band].title}</th>
          <td class="right">{formatNumber(engagement.bands[band])}</td>
          <td class="right">{formatRate(engagement.bands[band] / all)}</td>
          <td>{engagement.bands[band] > 0 && <Download query={{ mediaType, band }} />}</td>
        </tr>
      ))}
    </Table>
  )
}

function Download({ query }: { query: Query }) {
  return (
    <a href={link('/engagement/contacts.csv', query)} download>
      Download CSV
    </a>
  )
}

function Notes({ engagement: { asOf, bands } }: { engagement: Engagement; clock: Clock }) {
  return (
    <p class="quiet">
      Each contact once, by the last read or click of a person; machines are left out. Counted until{' '}
      <Moment time={asOf} none="the end of the first day" />.
      {bands.unknown > 0 &&
        ' This channel has never reported a read or a click, so nobody can tell who read nothing.'}
    </p>
  )
}
