import type { Context } from 'hono'
import * as z from 'zod'
import { perZone } from '../../http/query-fields.ts'
import { formatItemCursor } from '../item-id.ts'
import { operateSettings } from '../../settings/settings.ts'
import { countReasons } from '../../db/quarantine/counts.ts'
import { listItems, type QuarantineCursor } from '../../db/quarantine/list.ts'
import { Chips } from '../../web/chips.tsx'
import { Layout } from '../../web/layout.tsx'
import { link } from '../../web/link.ts'
import { readPageQuery } from '../../web/page-query.ts'
import { mayOperate } from '../../web/session/session.ts'
import { oneReason, outcomeFields, place } from './fields.ts'
import { QuarantineRows } from './list.tsx'
import { OutcomeNote } from './outcome.tsx'
import { Reasons } from './reasons.tsx'
import { viewerClock } from '../../web/viewer.ts'

const ELEMENTS_PER_PAGE = 20

const quarantinePageQuery = perZone(() =>
  z.strictObject({
    reason: oneReason.optional(),
    cursor: place,
    more: place,
    ...outcomeFields,
  }),
)

/** `GET /set-aside`: what could be no event, and why. */
export async function showQuarantine(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { env, req } = context
  const { reason, cursor, more, ...outcome } = readPageQuery(quarantinePageQuery(''), req.url)
  const canOperate = mayOperate(context)
  // In the middle of something they are not asked for, and counting them takes long.
  const [counted, { elements, next }] = await Promise.all([
    cursor || more ? undefined : countReasons(env.DB),
    listItems(env.DB, reason, ELEMENTS_PER_PAGE, cursor),
  ])
  return context.html(
    <Layout view="/set-aside">
      <p>
        What Yespo sent and what can be no event is set aside here, as it came: the events beside it
        are stored, and nothing is lost.
      </p>
      <OutcomeNote
        outcome={outcome}
        reason={reason}
        more={more && formatItemCursor(more)}
        canOperate={canOperate}
      />
      {counted && <Reasons {...counted} canOperate={canOperate} />}
      <Chips path="/set-aside" query={{ reason }} removable={['reason']} />
      {elements.length > 0 ? (
        <QuarantineRows
          elements={elements}
          days={operateSettings(env).quarantineDays}
          canOperate={canOperate}
          clock={viewerClock(context)}
        />
      ) : (
        <p class="empty">{explainNothing(counted?.reasons.length === 0, next !== null)}</p>
      )}
      {next && (
        <p>
          <a href={onwardLink(reason, next)}>
            {elements.length < ELEMENTS_PER_PAGE ? 'Snapshot further' : 'Older'}
          </a>
        </p>
      )}
      {(cursor ?? more) && (
        <p>
          <a href={link('/set-aside', { reason })}>To the newest</a>
        </p>
      )}
    </Layout>,
  )
}

function explainNothing(isEmpty: boolean, isMore: boolean): string {
  if (isEmpty) return 'Nothing is set aside: all that came became events. There is nothing to do.'
  return isMore ? 'None of these so far. There is more to look at.' : 'There is nothing more.'
}

function onwardLink(reason: string | undefined, place: QuarantineCursor): string {
  return link('/set-aside', { reason, cursor: formatItemCursor(place) })
}
