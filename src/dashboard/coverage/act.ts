import type { Context } from 'hono'
import { beginBackfill, cancelAll } from '../../pull/backfill.ts'
import { readForm } from '../page/form.ts'
import { link } from '../page/link.ts'
import { viewerClock } from '../page/viewer.ts'

type PageContext = Context<{ Bindings: Env }>

/** `POST /coverage/read`: begins to read a stretch of time, and leads to how far that is. */
export async function readAgain(context: PageContext): Promise<Response> {
  const fields = Object.entries(await readForm(context.req)).flatMap(([name, value]) =>
    value?.trim() ? [[name, value]] : [],
  )
  const { zone } = viewerClock(context)
  const begun = await beginBackfill(context.env, new URLSearchParams(fields), zone)
  return context.redirect(link('/coverage', { begun }), 303)
}

/** `POST /coverage/cancel`: cancels all that is being read. */
export async function cancelReading(context: PageContext): Promise<Response> {
  const cancelled = await cancelAll(context.env.DB)
  return context.redirect(link('/coverage', { cancelled }), 303)
}
