import type { Context } from 'hono'
import * as z from 'zod'
import { cutText } from '../../platform/cut-text.ts'
import { formatItemCursor } from '../item-id.ts'
import { countReason } from '../../db/quarantine/counts.ts'
import { formatCount } from '../../web/count.ts'
import { Layout } from '../../web/layout.tsx'
import { link } from '../../web/link.ts'
import { readPageQuery } from '../../web/page-query.ts'
import { findElement } from './actions.ts'
import { quarantineLink, StepForm } from './action-forms.tsx'
import { oneReason, outcomeFields, place } from './fields.ts'
import { placeOf, PRE_BEGIN } from './list.tsx'

type PageContext = Context<{ Bindings: Env }>

const SHOWN = 2_000 // characters

const deleteQuery = z.strictObject({
  reason: oneReason,
  cursor: place,
  deleted: outcomeFields.deleted,
})

/** `GET /set-aside/discard`: asks whether all of a reason is to go, or all that is left of it. */
export async function confirmDeleteReason(context: PageContext): Promise<Response> {
  const { reason, cursor, deleted } = readPageQuery(deleteQuery, context.req.url)
  const { elements, complete } = await countReason(context.env.DB, reason, cursor)
  const count = `${complete ? '' : 'At least '}${formatCount(elements, 'element')}`
  return context.html(
    <Layout view="/set-aside" title="Discard?">
      <p class="note">
        <bdi>{reason}</bdi>
      </p>
      {deleted !== undefined && <p>{formatCount(deleted, 'element')} discarded so far.</p>}
      <p>{count} will be deleted for good.</p>
      <StepForm
        path="/set-aside/discard"
        fields={{ reason, cursor: cursor && formatItemCursor(cursor), deleted }}
        label={deleted === undefined ? 'Discard all of it' : 'Discard the rest of it'}
      />
      <p>
        <a href={link('/set-aside', { reason })}>Keep it</a>
      </p>
    </Layout>,
  )
}

/** `GET /set-aside/{request}/{elementIndex}/discard`: asks whether one is to go. */
export async function confirmDeleteElement(context: PageContext): Promise<Response> {
  const found = await findElement(context)
  return context.html(
    <Layout view="/set-aside" title="Discard?">
      <p class="note">
        <bdi>{found.reason}</bdi>
      </p>
      <p>{placeOf(found)} will be deleted for good. It begins:</p>
      <pre>
        {PRE_BEGIN}
        {cutText(found.sent, SHOWN)}
      </pre>
      <StepForm path={`${quarantineLink(found)}/discard`} label="Discard it" />
      <p>
        <a href={quarantineLink(found)}>Keep it</a>
      </p>
    </Layout>,
  )
}
