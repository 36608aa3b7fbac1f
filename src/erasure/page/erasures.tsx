import * as z from 'zod'
import { integer } from '../../http/query-fields.ts'
import { findErasure, listErasures, type Erasure } from '../../db/erasure/list.ts'
import { downloadCsv, isCsvRequested } from '../../web/csv-download.ts'
import { DownloadLink } from '../../web/download-link.tsx'
import { Layout } from '../../web/layout.tsx'
import { link } from '../../web/link.ts'
import { Moment } from '../../web/moment.tsx'
import { PageError } from '../../web/page-error.ts'
import { readPageQuery } from '../../web/page-query.ts'
import { PropertySection, type Property } from '../../web/properties.tsx'
import { showPage, useViewer, viewerOf, type PageContext, type Viewer } from '../../web/viewer.tsx'
import { CheckStart } from './check.tsx'

const ERASURES_PER_PAGE = 50

const erasuresPageQuery = z.strictObject({ before: integer.transform(Number).optional() })

/** An erasure's counts, by their names in the database, in this order. */
const REMOVED = ['activity', 'archived', 'identifiers', 'suppressions', 'quarantineParts'] as const

/** `GET /erasures`: the erasures, newest first, without the people's identities. */
export async function showErasures(context: PageContext): Promise<Response> {
  const { before } = readPageQuery(erasuresPageQuery, context.req.url)
  const found = await listErasures(context.env.DB, ERASURES_PER_PAGE + 1, before)
  const erasures = found.slice(0, ERASURES_PER_PAGE)
  if (isCsvRequested(context)) return downloadErasures(context, erasures)
  const last = found.length > ERASURES_PER_PAGE ? erasures.at(-1) : undefined
  return showPage(
    context,
    <Erasures erasures={erasures} isFirst={before === undefined} last={last?.number} />,
  )
}

function Erasures({
  erasures,
  isFirst,
  last,
}: {
  erasures: readonly Erasure[]
  isFirst: boolean
  last: number | undefined
}) {
  const { text, rich, clock } = useViewer()
  return (
    <Layout view="/contact" title={text('erasure.list')}>
      {erasures.length === 0 ? (
        <p class="empty">{text(isFirst ? 'erasure.none' : 'erasure.noOlder')}</p>
      ) : (
        <ul class="card plain-list">
          {erasures.map(({ number, erasedAt, finishedAt }) => (
            <li>
              {rich('erasure.row', {
                number: String(number),
                link: (content) => <a href={`/erasures/${number}`}>{content}</a>,
                time: <Moment time={erasedAt} />,
                state: finishedAt === null ? 'running' : 'finished',
              })}
            </li>
          ))}
        </ul>
      )}
      {last !== undefined && (
        <p>
          <a href={link('/erasures', { before: last })}>{text('erasure.older')}</a>
        </p>
      )}
      {erasures.length > 0 && <DownloadLink />}
      <p class="quiet">{text('erasure.anonymous', { zone: clock.name })}</p>
      <CheckStart />
    </Layout>
  )
}

function downloadErasures(context: PageContext, erasures: readonly Erasure[]): Response {
  const { text } = viewerOf(context)
  return downloadCsv(context, {
    name: 'erasures',
    heads: [
      text('erasure.proof'),
      text('erasure.requestedAt'),
      text('erasure.finishedAt'),
      ...REMOVED.map((name) => text(`erasure.${name}`)),
    ],
    rows: erasures.map(({ number, erasedAt, finishedAt, removed }) => [
      number,
      new Date(erasedAt),
      finishedAt === null ? null : new Date(finishedAt),
      ...REMOVED.map((name) => removed[name] ?? 0),
    ]),
  })
}

/** `GET /erasures/{number}`: the progress of an erasure, without the person's identity. */
export async function showErasure(context: PageContext): Promise<Response> {
  const number = context.req.param('number') ?? ''
  const erasure = /^\d{1,15}$/.test(number)
    ? await findErasure(context.env.DB, Number(number))
    : null
  if (!erasure) throw new PageError(404, 'not_found', 'erasure.notFound')
  return showPage(context, <OneErasure erasure={erasure} />)
}

function OneErasure({ erasure }: { erasure: Erasure }) {
  const { text, number, clock } = useViewer()
  const isFinished = erasure.finishedAt !== null
  return (
    <Layout view="/contact" title={text('erasure.one', { number: String(erasure.number) })}>
      <State erasure={erasure} />
      <PropertySection
        title={text(isFinished ? 'erasure.erased' : 'erasure.erasedSoFar')}
        properties={[
          [text('erasure.proof'), String(erasure.number)],
          ...listRemoved(erasure, { text, number }),
        ]}
      />
      <p class="quiet">{text('erasure.proof.note', { zone: clock.name })}</p>
      {isFinished && <CheckStart />}
      <p>
        <a href="/erasures">{text('erasure.all')}</a>
      </p>
    </Layout>
  )
}

function State({ erasure: { number, erasedAt, finishedAt } }: { erasure: Erasure }) {
  const { text, rich } = useViewer()
  const requested = <Moment time={erasedAt} />
  if (finishedAt !== null) {
    return (
      <p class="note good">
        {rich('erasure.finished', { time: <Moment time={finishedAt} />, requested })}
      </p>
    )
  }
  return (
    <div class="note warn">
      <p>{rich('erasure.running', { requested })}</p>
      <p>
        <a href={`/erasures/${number}`}>{text('erasure.refresh')}</a>
      </p>
    </div>
  )
}

function listRemoved(
  { removed }: Erasure,
  { text, number }: Pick<Viewer, 'text' | 'number'>,
): Property[] {
  const counts = REMOVED.flatMap((name): Property[] => {
    const count = removed[name] ?? 0
    return count === 0 ? [] : [[text(`erasure.${name}`), number(count)]]
  })
  return counts.length > 0 ? counts : [[text('table.total'), number(0)]]
}
