import type { Child } from 'hono/jsx'
import { cutText } from '../../platform/cut-text.ts'
import { formatItemCursor } from '../../http/item-id.ts'
import { countReason } from '../../db/quarantine/counts.ts'
import { formatCount } from '../../language/format.ts'
import { Layout } from '../../web/layout.tsx'
import { link } from '../../web/link.ts'
import { readPageQuery } from '../../web/page-query.ts'
import { showPage, type PageContext } from '../../web/viewer.tsx'
import { deleteFields } from './fields.ts'
import { itemPath, StepForm } from './forms.tsx'
import { findListedItem } from './item.tsx'
import { describeOrigin, PRE_BEGIN } from './list.tsx'

const SHOWN = 2_000 // characters

/** `GET /quarantine/delete`: asks for confirmation to delete the items of a reason, or the rest of them. */
export async function confirmDeleteReason(context: PageContext): Promise<Response> {
  const { reason, cursor, deleted } = readPageQuery(deleteFields, context.req.url)
  const { items, complete } = await countReason(context.env.DB, reason, cursor)
  const counted = formatCount(items, 'item')
  return showPage(
    context,
    <Question
      title={`Delete ${complete ? '' : 'at least '}${formatCount(items, 'quarantined item')}?`}
      reason={reason}
      cancel={link('/quarantine', { reason })}
    >
      {deleted !== undefined && <p>{formatCount(deleted, 'item')} deleted so far.</p>}
      <StepForm
        path="/quarantine/delete"
        fields={{ reason, cursor: cursor && formatItemCursor(cursor), deleted }}
        label={
          deleted !== undefined ? 'Delete the rest' : complete ? `Delete ${counted}` : 'Delete'
        }
      />
    </Question>,
  )
}

/** `GET /quarantine/{id}/delete`: asks for confirmation to delete an item. */
export async function confirmDeleteItem(context: PageContext): Promise<Response> {
  const item = await findListedItem(context)
  return showPage(
    context,
    <Question title="Delete this item?" reason={item.reason} cancel={itemPath(item)}>
      <p>{describeOrigin(item)}:</p>
      <pre>
        {PRE_BEGIN}
        {cutText(item.sent, SHOWN)}
      </pre>
      <StepForm path={`${itemPath(item)}/delete`} label="Delete item" />
    </Question>,
  )
}

function Question({
  title,
  reason,
  cancel,
  children,
}: {
  title: string
  reason: string
  cancel: string
  children: Child
}) {
  return (
    <Layout view="/quarantine" title={title}>
      <p class="note">
        <bdi>{reason}</bdi>
      </p>
      <p>This cannot be undone.</p>
      {children}
      <p>
        <a href={cancel}>Cancel</a>
      </p>
    </Layout>
  )
}
