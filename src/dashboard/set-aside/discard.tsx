import type { Context } from 'hono'
import * as z from 'zod'
import { text } from '../../read/fields.ts'
import { countReasons, MAX_COUNTED } from '../../store/quarantine.ts'
import { formatCount } from '../page/count.ts'
import { Layout } from '../page/layout.tsx'
import { link } from '../page/link.ts'
import { readPageQuery } from '../page/query.ts'
import { findElement } from './act.ts'
import { setAsideLink, StepForm } from './actions.tsx'
import { placeOf, PRE_BEGIN } from './list.tsx'

type PageContext = Context<{ Bindings: Env }>

const SHOWN = 2_000 // characters

const discardQuery = z.strictObject({ reason: text })

/** `GET /set-aside/discard`: asks whether all of a reason is to go. */
export async function confirmDiscardReason(context: PageContext): Promise<Response> {
  const { reason } = readPageQuery(discardQuery, context.req.url)
  const reasons = await countReasons(context.env.DB)
  const elements = reasons.find((each) => each.reason === reason)?.elements
  const counted = reasons.reduce((sum, each) => sum + each.elements, 0)
  return context.html(
    <Layout view="/set-aside" title="Discard?">
      <p class="note">
        <bdi>{reason}</bdi>
      </p>
      <p>
        {elements !== undefined && counted < MAX_COUNTED
          ? `${formatCount(elements, 'element')} will be deleted for good.`
          : 'All that was set aside for this reason will be deleted for good.'}
      </p>
      <StepForm path="/set-aside/discard" reason={reason} label="Discard all of it" />
      <p>
        <a href={link('/set-aside', { reason })}>Keep it</a>
      </p>
    </Layout>,
  )
}

/** `GET /set-aside/{request}/{elementIndex}/discard`: asks whether one is to go. */
export async function confirmDiscardElement(context: PageContext): Promise<Response> {
  const found = await findElement(context)
  return context.html(
    <Layout view="/set-aside" title="Discard?">
      <p class="note">
        <bdi>{found.reason}</bdi>
      </p>
      <p>{placeOf(found)} will be deleted for good. It begins:</p>
      <pre>
        {PRE_BEGIN}
        {found.sent.slice(0, SHOWN)}
      </pre>
      <StepForm path={`${setAsideLink(found)}/discard`} label="Discard it" />
      <p>
        <a href={setAsideLink(found)}>Keep it</a>
      </p>
    </Layout>,
  )
}
