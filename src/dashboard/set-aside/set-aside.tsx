import type { Context } from 'hono'
import * as z from 'zod'
import { perZone } from '../../read/fields.ts'
import { formatPlace } from '../../operate/quarantine/place.ts'
import { operateSettings } from '../../settings.ts'
import { countReasons } from '../../store/quarantine-counts.ts'
import { listSetAside, type SetAsidePosition } from '../../store/quarantine.ts'
import { Chips } from '../page/chips.tsx'
import { Layout } from '../page/layout.tsx'
import { link } from '../page/link.ts'
import { readPageQuery } from '../page/query.ts'
import { mayOperate } from '../session/session.ts'
import { oneReason, outcomeFields, place } from './fields.ts'
import { SetAsideRows } from './list.tsx'
import { OutcomeNote } from './outcome.tsx'
import { Reasons } from './reasons.tsx'
import { viewerClock } from '../page/viewer.ts'

const ELEMENTS_PER_PAGE = 20

const setAsideQuery = perZone(() =>
  z.strictObject({
    reason: oneReason.optional(),
    cursor: place,
    more: place,
    ...outcomeFields,
  }),
)

/** `GET /set-aside`: what could be no event, and why. */
export async function showSetAside(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { env, req } = context
  const { reason, cursor, more, ...outcome } = readPageQuery(setAsideQuery(''), req.url)
  const canOperate = mayOperate(context)
  // In the middle of something they are not asked for, and counting them takes long.
  const [counted, { elements, next }] = await Promise.all([
    cursor || more ? undefined : countReasons(env.DB),
    listSetAside(env.DB, reason, ELEMENTS_PER_PAGE, cursor),
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
        more={more && formatPlace(more)}
        canOperate={canOperate}
      />
      {counted && <Reasons {...counted} canOperate={canOperate} />}
      <Chips path="/set-aside" query={{ reason }} removable={['reason']} />
      {elements.length > 0 ? (
        <SetAsideRows
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
            {elements.length < ELEMENTS_PER_PAGE ? 'Look further' : 'Older'}
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

function onwardLink(reason: string | undefined, place: SetAsidePosition): string {
  return link('/set-aside', { reason, cursor: formatPlace(place) })
}
