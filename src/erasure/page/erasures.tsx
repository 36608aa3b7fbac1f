import type { Context } from 'hono'
import * as z from 'zod'
import { integer } from '../../http/query-fields.ts'
import { HttpError } from '../../platform/http-error.ts'
import { findErasure, listErasures, type Erasure } from '../../db/erasure/list.ts'
import { formatCount } from '../../web/count.ts'
import type { Clock } from '../../web/format.ts'
import { Layout } from '../../web/layout.tsx'
import { link } from '../../web/link.ts'
import { readPageQuery } from '../../web/page-query.ts'
import { viewerClock } from '../../web/viewer.ts'
import { FactList, Moment, type Fact } from '../../web/facts.tsx'

type PageContext = Context<{ Bindings: Env }>

const ERASURES_PER_PAGE = 50

const erasuresPageQuery = z.strictObject({ before: integer.transform(Number).optional() })

/** What an erasure counts: its name there, a title, and what one of it is. */
const REMOVED = [
  ['activity', 'Events', 'event'],
  ['archived', 'In the archive', 'event'],
  ['names', 'Names', 'name'],
  ['suppressions', 'Not to be written to', 'note'],
  ['quarantineParts', 'Set aside', 'piece'],
] as const

/** `GET /forgotten`: that people were forgotten, the last first, and nothing of whom. */
export async function listErasuresPage(context: PageContext): Promise<Response> {
  const { before } = readPageQuery(erasuresPageQuery, context.req.url)
  const found = await listErasures(context.env.DB, ERASURES_PER_PAGE + 1, before)
  const erasures = found.slice(0, ERASURES_PER_PAGE)
  const last = found.length > ERASURES_PER_PAGE ? erasures.at(-1) : undefined
  const clock = viewerClock(context)
  return context.html(
    <Layout view="/contact" title="People forgotten">
      {erasures.length === 0 ? (
        <p class="empty">Nobody {before === undefined ? 'was forgotten' : 'before that'}.</p>
      ) : (
        <ul class="card plain-list">
          {erasures.map(({ number, erasedAt, finishedAt }) => (
            <li>
              <a href={`/forgotten/${number}`}>Number {number}</a>, asked for{' '}
              <Moment time={erasedAt} clock={clock} />:{' '}
              {finishedAt === null ? 'under way' : 'finished'}
            </li>
          ))}
        </ul>
      )}
      {last && (
        <p>
          <a href={link('/forgotten', { before: last.number })}>Older</a>
        </p>
      )}
      <p class="quiet">Times are {clock.name}. It is not kept who they were.</p>
    </Layout>,
  )
}

/** `GET /forgotten/{number}`: how far an erasure is, and nothing of whom. */
export async function showErasurePage(context: PageContext): Promise<Response> {
  const number = context.req.param('number') ?? ''
  const erasure = /^\d{1,15}$/.test(number)
    ? await findErasure(context.env.DB, Number(number))
    : null
  if (!erasure) throw new HttpError(404, 'not_found', 'Nobody was forgotten under this number.')
  const clock = viewerClock(context)
  return context.html(
    <Layout view="/contact" title={`TakenOut: number ${erasure.number}`}>
      <State erasure={erasure} clock={clock} />
      <FactList
        title={erasure.finishedAt === null ? 'Removed so far' : 'Removed'}
        facts={listRemoved(erasure)}
      />
      <p class="quiet">
        Times are {clock.name}. It is not kept who it was: note this number where you have to show
        that it was done.
      </p>
      <p>
        <a href="/forgotten">All who were forgotten</a>
      </p>
    </Layout>,
  )
}

function State({ erasure, clock }: { erasure: Erasure; clock: Clock }) {
  const asked = <Moment time={erasure.erasedAt} clock={clock} />
  if (erasure.finishedAt !== null) {
    return (
      <p class="note good">
        Finished <Moment time={erasure.finishedAt} clock={clock} />, asked for {asked}. What
        happened before is not stored again; what happens afterwards is.
      </p>
    )
  }
  return (
    <div class="note warn">
      <p>
        Under way since {asked}. It goes on by itself every few minutes: there is nothing for you to
        do, and nothing from before is stored any more.
      </p>
      <p>
        <a href={`/forgotten/${erasure.number}`}>Snapshot again</a>
      </p>
    </div>
  )
}

function listRemoved({ removed }: Erasure): Fact[] {
  const facts = REMOVED.flatMap(([name, title, what]): Fact[] => {
    const count = removed[name] ?? 0
    return count === 0 ? [] : [[title, formatCount(count, what)]]
  })
  return facts.length > 0 ? facts : [['All together', 'nothing']]
}
