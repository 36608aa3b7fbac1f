import type { Context } from 'hono'
import * as z from 'zod'
import { perZone, text } from '../../read/fields.ts'
import {
  countReasons,
  listSetAside,
  MAX_COUNTED,
  type SetAsidePosition,
} from '../../store/quarantine.ts'
import { Chips } from '../page/chips.tsx'
import { formatNumber } from '../page/format.ts'
import { Layout } from '../page/layout.tsx'
import { link } from '../page/link.ts'
import { readPageQuery } from '../page/query.ts'
import { shorten } from '../recent/event-text.ts'
import { SetAsideRows } from './list.tsx'
import { viewerClock } from '../page/viewer.ts'

const ELEMENTS_PER_PAGE = 20
const POSITION = /^(\d{1,15})\.([\w-]{1,64})\.(\d{1,9})$/

const setAsideQuery = perZone(() =>
  z.strictObject({
    reason: text.optional(),
    cursor: z
      .string()
      .transform((given, context): SetAsidePosition => {
        const [, receivedAt, request, elementIndex] = POSITION.exec(given) ?? []
        if (request === undefined) {
          context.addIssue('has to be of a link of this page')
          return z.NEVER
        }
        return { receivedAt: Number(receivedAt), request, elementIndex: Number(elementIndex) }
      })
      .optional(),
  }),
)

/** `GET /set-aside`: what could be no event, and why. */
export async function showSetAside(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { env, req } = context
  const { reason, cursor } = readPageQuery(setAsideQuery(''), req.url)
  const [reasons, { elements, next }] = await Promise.all([
    countReasons(env.DB),
    listSetAside(env.DB, reason, ELEMENTS_PER_PAGE, cursor),
  ])
  return context.html(
    <Layout view="/set-aside">
      <p>
        What Yespo sent and what can be no event is set aside here, as it came: the events beside it
        are stored, and nothing is lost.
      </p>
      <Reasons reasons={reasons} />
      <Chips path="/set-aside" query={{ reason }} removable={['reason']} />
      {elements.length > 0 ? (
        <SetAsideRows elements={elements} clock={viewerClock(context)} />
      ) : (
        <p class="empty">{explainNothing(reasons.length === 0, next !== null)}</p>
      )}
      {next && (
        <p>
          <a href={onwardLink(reason, next)}>
            {elements.length < ELEMENTS_PER_PAGE ? 'Look further' : 'Older'}
          </a>
        </p>
      )}
      {cursor && (
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

function onwardLink(
  reason: string | undefined,
  { receivedAt, request, elementIndex }: SetAsidePosition,
): string {
  return link('/set-aside', { reason, cursor: `${receivedAt}.${request}.${elementIndex}` })
}

function Reasons({ reasons }: { reasons: readonly { reason: string; elements: number }[] }) {
  if (reasons.length === 0) return null
  const counted = reasons.reduce((sum, { elements }) => sum + elements, 0)
  return (
    <>
      <h2>Why</h2>
      <div class="scroll" tabindex={0} role="region" aria-label="Reasons">
        <table>
          <thead>
            <tr>
              <th>Reason</th>
              <th class="right">Elements</th>
            </tr>
          </thead>
          <tbody>
            {reasons.map(({ reason, elements }) => (
              <tr>
                <th class="words">
                  <bdi>{shorten(reason, 300)}</bdi>
                </th>
                <td class="right">
                  <a href={link('/set-aside', { reason })}>{formatNumber(elements)}</a>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {counted >= MAX_COUNTED && (
        <p class="quiet">Of the newest {formatNumber(MAX_COUNTED)}; there are more.</p>
      )}
      <h2>What</h2>
    </>
  )
}
