import {
  BAND_NAMES,
  countEngagement,
  listEngagedChannels,
  type Engagement,
} from '../../db/engagement/read.ts'
import { downloadCsv, isCsvRequested } from '../../web/csv-download.ts'
import { DownloadLink } from '../../web/download-link.tsx'
import { Layout } from '../../web/layout.tsx'
import { link, type Query } from '../../web/link.ts'
import { readPageQuery } from '../../web/page-query.ts'
import { NumberHead, Table } from '../../web/table.tsx'
import { showPage, useViewer, viewerOf, type PageContext } from '../../web/viewer.tsx'
import { engagementExportQuery, engagementQuery, exportEngagement } from '../engagement.ts'
import { channelName } from '../../web/channel-name.ts'
import { Sections } from './sections.tsx'
import { ShareBar } from './share-bar.tsx'

const DAYS = 90

/** `GET /engagement`: the contacts of a channel by their last read or click. */
export async function showEngagement(context: PageContext): Promise<Response> {
  const { env, req } = context
  const { text } = viewerOf(context)
  const { mediaType } = readPageQuery(engagementQuery, req.url)
  const unread = { mediaType, deliveredWithin: DAYS, notEngagedWithin: DAYS }
  const [channels, engagement, unreadEngagement] = await Promise.all([
    listEngagedChannels(env.DB),
    countEngagement(env.DB, { mediaType }),
    countEngagement(env.DB, unread),
  ])
  if (isCsvRequested(context)) return downloadBands(context, engagement)
  return showPage(
    context,
    <Layout view="/campaigns" title={text('engagement.title')}>
      <Sections current="/engagement" />
      <nav class="switch one-line" aria-label={text('parameter.mediaType')}>
        {channels.map((channel) => (
          <a
            href={link('/engagement', { mediaType: channel })}
            aria-current={channel === mediaType ? 'true' : undefined}
          >
            <bdi>{channelName(channel, text)}</bdi>
          </a>
        ))}
      </nav>
      {countAll(engagement) === 0 ? (
        <p class="empty">{text('engagement.none')}</p>
      ) : (
        <>
          <p>
            {text('engagement.unread', { count: countAll(unreadEngagement), days: DAYS })}{' '}
            {countAll(unreadEngagement) > 0 && <ContactsLink query={unread} />}
          </p>
          <Bands engagement={engagement} mediaType={mediaType} />
          <p class="bar">
            <DownloadLink />
          </p>
        </>
      )}
      <Notes engagement={engagement} />
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

function listShown({ bands }: Engagement) {
  return BAND_NAMES.filter((band) => band !== 'unknown' || bands.unknown > 0)
}

function Bands({ engagement, mediaType }: { engagement: Engagement; mediaType: string }) {
  const { text, number, rate } = useViewer()
  const all = countAll(engagement)
  return (
    <Table
      label={text('engagement.title')}
      heads={[
        text('engagement.last'),
        <NumberHead>{text('engagement.contacts')}</NumberHead>,
        <NumberHead>{text('campaign.share')}</NumberHead>,
        <td></td>,
        <td></td>,
      ]}
      total={
        <tr>
          <th scope="row">{text('table.total')}</th>
          <td class="right">{number(all)}</td>
          <td></td>
          <td></td>
          <td></td>
        </tr>
      }
    >
      {listShown(engagement).map((band) => (
        <tr>
          <th scope="row">{text(`engagement.band.${band}`)}</th>
          <td class="right">{number(engagement.bands[band])}</td>
          <td class="right">{rate(engagement.bands[band] / all)}</td>
          <td>
            <ShareBar share={engagement.bands[band] / all} tone="read" />
          </td>
          <td>{engagement.bands[band] > 0 && <ContactsLink query={{ mediaType, band }} />}</td>
        </tr>
      ))}
    </Table>
  )
}

function ContactsLink({ query }: { query: Query }) {
  return (
    <a href={link('/engagement/contacts.csv', query)} download>
      {useViewer().text('engagement.download')}
    </a>
  )
}

function Notes({ engagement: { asOf, bands } }: { engagement: Engagement }) {
  const { text, clock } = useViewer()
  return (
    <p class="quiet">
      {asOf === null
        ? text('engagement.note.none')
        : text('engagement.note', { time: clock.exact(asOf) })}
      {bands.unknown > 0 && ` ${text('engagement.note.unknown')}`}
    </p>
  )
}

function downloadBands(context: PageContext, engagement: Engagement): Response {
  const { text } = viewerOf(context)
  const all = countAll(engagement)
  return downloadCsv(context, {
    name: 'engagement',
    heads: [text('engagement.last'), text('engagement.contacts'), text('campaign.share')],
    rows: listShown(engagement).map((band) => [
      text(`engagement.band.${band}`),
      engagement.bands[band],
      engagement.bands[band] / Math.max(1, all),
    ]),
  })
}
