import * as z from 'zod'
import { formatItemCursor } from '../../http/item-id.ts'
import { operateSettings } from '../../settings/settings.ts'
import { countReasons } from '../../db/quarantine/counts.ts'
import type { TextKey } from '../../language/messages.ts'
import { listItems } from '../../db/quarantine/list.ts'
import { Chips } from '../../web/chips.tsx'
import { Layout } from '../../web/layout.tsx'
import { link } from '../../web/link.ts'
import { readPageQuery } from '../../web/page-query.ts'
import { mayOperate } from '../../web/session/session.ts'
import { showPage, viewerOf, type PageContext } from '../../web/viewer.tsx'
import { itemCursor, oneReason, outcomeFields } from './fields.ts'
import { QuarantineRows } from './list.tsx'
import { OutcomeNote } from './outcome.tsx'
import { Reasons } from './reasons.tsx'

const ITEMS_PER_PAGE = 20

const quarantinePageQuery = z.strictObject({
  reason: oneReason.optional(),
  cursor: itemCursor,
  more: itemCursor,
  ...outcomeFields,
})

/** `GET /quarantine`: the quarantined items, by reason. */
export async function showQuarantine(context: PageContext): Promise<Response> {
  const { env, req } = context
  const { reason, cursor, more, ...outcome } = readPageQuery(quarantinePageQuery, req.url)
  const canOperate = mayOperate(context)
  // Counting takes long, and is of no use on older pages or between the steps of an action.
  const [counts, { items, next }] = await Promise.all([
    cursor || more ? undefined : countReasons(env.DB),
    listItems(env.DB, reason, ITEMS_PER_PAGE, cursor),
  ])
  const { text } = viewerOf(context)
  return showPage(
    context,
    <Layout view="/quarantine">
      <p>{text('quarantine.intro')}</p>
      <OutcomeNote
        outcome={outcome}
        reason={reason}
        more={more && formatItemCursor(more)}
        canOperate={canOperate}
      />
      {counts && <Reasons {...counts} canOperate={canOperate} />}
      <Chips path="/quarantine" query={{ reason }} removable={['reason']} />
      {items.length > 0 ? (
        <QuarantineRows
          items={items}
          days={operateSettings(env).quarantineDays}
          canOperate={canOperate}
        />
      ) : (
        <p class="empty">{text(explainEmpty(counts?.reasons.length === 0, next !== null))}</p>
      )}
      {next && (
        <p>
          <a href={link('/quarantine', { reason, cursor: formatItemCursor(next) })}>
            {text(items.length < ITEMS_PER_PAGE ? 'quarantine.further' : 'quarantine.older')}
          </a>
        </p>
      )}
      {(cursor ?? more) && (
        <p>
          <a href={link('/quarantine', { reason })}>{text('quarantine.backToNewest')}</a>
        </p>
      )}
    </Layout>,
  )
}

function explainEmpty(isEmpty: boolean, isMore: boolean): TextKey {
  if (isEmpty) return 'quarantine.empty'
  return isMore ? 'quarantine.noneYet' : 'quarantine.noMore'
}
