import { backfillQuery, startBackfillRun } from '../api.ts'
import { isReversed, readParameters } from '../../http/parse-query.ts'
import { cancelRunning } from '../../db/sync/runs.ts'
import { readFormQuery } from '../../web/form.ts'
import { link } from '../../web/link.ts'
import { reversedPeriod } from '../../web/period.ts'
import { viewerClock, type PageContext } from '../../web/viewer.tsx'

/** `POST /coverage/sync`: starts a sync of a period, and shows its progress. */
export async function startSync(context: PageContext): Promise<Response> {
  const query = await readFormQuery(context.req)
  const { zone } = viewerClock(context)
  if (isReversed(readParameters(backfillQuery(zone), query))) throw reversedPeriod()
  const { backfill } = await startBackfillRun(context.env, query, zone)
  return context.redirect(link('/coverage', { started: backfill }), 303)
}

/** `POST /coverage/cancel`: cancels all running syncs. */
export async function cancelSyncs(context: PageContext): Promise<Response> {
  const cancelled = await cancelRunning(context.env.DB, Date.now())
  return context.redirect(link('/coverage', { cancelled }), 303)
}
