import * as z from 'zod'
import { integer } from '../../http/query-fields.ts'
import { HttpError } from '../../platform/http-error.ts'
import { findErasure, listErasures, type Erasure } from '../../db/erasure/list.ts'
import { formatNumber, type Clock } from '../../language/format.ts'
import { Layout } from '../../web/layout.tsx'
import { link } from '../../web/link.ts'
import { Moment } from '../../web/moment.tsx'
import { readPageQuery } from '../../web/page-query.ts'
import { PropertySection, type Property } from '../../web/properties.tsx'
import { viewerClock, type PageContext, showPage } from '../../web/viewer.tsx'

const ERASURES_PER_PAGE = 50

const erasuresPageQuery = z.strictObject({ before: integer.transform(Number).optional() })

/** Titles of an erasure's counts, by their names in the database. */
const REMOVED = {
  activity: 'Events',
  archived: 'Events in the archive',
  identifiers: 'Addresses and IDs',
  suppressions: 'Suppressions',
  quarantineParts: 'Quarantine records',
} as const

/** `GET /erasures`: the erasures, newest first, without the people's identities. */
export async function showErasures(context: PageContext): Promise<Response> {
  const { before } = readPageQuery(erasuresPageQuery, context.req.url)
  const found = await listErasures(context.env.DB, ERASURES_PER_PAGE + 1, before)
  const erasures = found.slice(0, ERASURES_PER_PAGE)
  const last = found.length > ERASURES_PER_PAGE ? erasures.at(-1) : undefined
  const clock = viewerClock(context)
  return showPage(
    context,
    <Layout view="/contact" title="Erasures">
      {erasures.length === 0 ? (
        <p class="empty">
          {before === undefined ? 'No one has been erased yet.' : 'No older erasures.'}
        </p>
      ) : (
        <ul class="card plain-list">
          {erasures.map(({ number, erasedAt, finishedAt }) => (
            <li>
              <a href={`/erasures/${number}`}>Erasure {number}</a>, requested{' '}
              <Moment time={erasedAt} />: {finishedAt === null ? 'in progress' : 'finished'}
            </li>
          ))}
        </ul>
      )}
      {last && (
        <p>
          <a href={link('/erasures', { before: last.number })}>Older</a>
        </p>
      )}
      <p class="quiet">Times are {clock.name}. We do not keep who they were.</p>
    </Layout>,
  )
}

/** `GET /erasures/{number}`: the progress of an erasure, without the person's identity. */
export async function showErasure(context: PageContext): Promise<Response> {
  const number = context.req.param('number') ?? ''
  const erasure = /^\d{1,15}$/.test(number)
    ? await findErasure(context.env.DB, Number(number))
    : null
  if (!erasure) throw new HttpError(404, 'not_found', 'There is no erasure with this number.')
  const clock = viewerClock(context)
  return showPage(
    context,
    <Layout view="/contact" title={`Erasure ${erasure.number}`}>
      <State erasure={erasure} clock={clock} />
      <PropertySection
        title={erasure.finishedAt === null ? 'Erased so far' : 'Erased'}
        properties={listRemoved(erasure)}
      />
      <p class="quiet">
        Times are {clock.name}. We do not keep who it was. Keep this number as proof of erasure.
      </p>
      <p>
        <a href="/erasures">All erasures</a>
      </p>
    </Layout>,
  )
}

function State({ erasure }: { erasure: Erasure; clock: Clock }) {
  const requested = <Moment time={erasure.erasedAt} />
  if (erasure.finishedAt !== null) {
    return (
      <p class="note good">
        Finished <Moment time={erasure.finishedAt} />, requested {requested}. Events from before the
        request are not stored again; later ones are.
      </p>
    )
  }
  return (
    <div class="note warn">
      <p>
        In progress since {requested}. It continues by itself in the background; you need not do
        anything. Events from before the request are no longer stored.
      </p>
      <p>
        <a href={`/erasures/${erasure.number}`}>Refresh</a>
      </p>
    </div>
  )
}

function listRemoved({ removed }: Erasure): Property[] {
  const counts = Object.entries(REMOVED).flatMap(([name, title]): Property[] => {
    const count = removed[name] ?? 0
    return count === 0 ? [] : [[title, formatNumber(count)]]
  })
  return counts.length > 0 ? counts : [['Total', '0']]
}
