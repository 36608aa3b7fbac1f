import type { Context } from 'hono'
import { backfillQuery, startBackfillRun } from '../api.ts'
import { isReversed, readParameters } from '../../http/parse-query.ts'
import { cancelRunning } from '../../db/sync/runs.ts'
import { readForm } from '../../web/form.ts'
import { link } from '../../web/link.ts'
import { reversedPeriod } from '../../web/period.ts'
import { viewerClock } from '../../web/viewer.ts'

type PageContext = Context<{ Bindings: Env }>

/** `POST /coverage/read`: begins to read a stretch of time, and leads to how far that is. */
export async function readAgain(context: PageContext): Promise<Response> {
  const fields = Object.entries(await readForm(context.req)).flatMap(([name, value]) =>
    value?.trim() ? [[name, value]] : [],
  )
  const { zone } = viewerClock(context)
  const given = new URLSearchParams(fields)
  const { since, until } = readParameters(backfillQuery(zone), given)
  if (isReversed({ since, until })) throw reversedPeriod()
  const { backfill } = await startBackfillRun(context.env, given, zone)
  return context.redirect(link('/coverage', { begun: backfill }), 303)
}

/** `POST /coverage/cancel`: cancels all that is being read. */
export async function cancelReading(context: PageContext): Promise<Response> {
  const cancelled = await cancelRunning(context.env.DB, Date.now())
  return context.redirect(link('/coverage', { cancelled }), 303)
}
