import type { Child } from 'hono/jsx'
import { cutText } from '../../platform/cut-text.ts'
import { formatItemCursor } from '../../http/item-id.ts'
import { countReason } from '../../db/quarantine/counts.ts'
import { Layout } from '../../web/layout.tsx'
import { link } from '../../web/link.ts'
import { readPageQuery } from '../../web/page-query.ts'
import { showPage, useViewer, viewerOf, type PageContext } from '../../web/viewer.tsx'
import { deleteFields } from './fields.ts'
import { itemPath, StepForm } from './forms.tsx'
import { findListedItem } from './item.tsx'
import { describeOrigin, PRE_BEGIN } from './list.tsx'
import { describeReason } from './reason.ts'

const SHOWN = 2_000 // characters

/** `GET /quarantine/delete`: asks for confirmation to delete the items of a reason, or the rest of them. */
export async function confirmDeleteReason(context: PageContext): Promise<Response> {
  const { reason, cursor, deleted } = readPageQuery(deleteFields, context.req.url)
  const { items, complete } = await countReason(context.env.DB, reason, cursor)
  const { text } = viewerOf(context)
  const counted = { count: items }
  return showPage(
    context,
    <Question
      title={text(complete ? 'quarantine.question' : 'quarantine.questionAtLeast', counted)}
      reason={reason}
      cancel={link('/quarantine', { reason })}
    >
      {deleted !== undefined && <p>{text('quarantine.deletedSoFar', { count: deleted })}</p>}
      <StepForm
        path="/quarantine/delete"
        fields={{ reason, cursor: cursor && formatItemCursor(cursor), deleted }}
        label={
          deleted !== undefined
            ? text('quarantine.deleteRest')
            : text(complete ? 'quarantine.deleteCount' : 'quarantine.deleteNow', counted)
        }
      />
    </Question>,
  )
}

/** `GET /quarantine/{id}/delete`: asks for confirmation to delete an item. */
export async function confirmDeleteItem(context: PageContext): Promise<Response> {
  const item = await findListedItem(context)
  const { text } = viewerOf(context)
  return showPage(
    context,
    <Question title={text('quarantine.questionOne')} reason={item.reason} cancel={itemPath(item)}>
      <p>{describeOrigin(item, text)}</p>
      <pre>
        {PRE_BEGIN}
        {cutText(item.sent, SHOWN)}
      </pre>
      <StepForm path={`${itemPath(item)}/delete`} label={text('quarantine.deleteItem')} />
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
  const viewer = useViewer()
  const { text } = viewer
  return (
    <Layout view="/quarantine" title={title}>
      <p class="note">
        <bdi>{describeReason(reason, viewer)}</bdi>
      </p>
      <p>{text('quarantine.noUndo')}</p>
      {children}
      <p>
        <a href={cancel}>{text('action.cancel')}</a>
      </p>
    </Layout>
  )
}
