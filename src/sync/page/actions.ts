import { backfillQuery, startBackfillRun } from '../api.ts'
import { isReversed, readParameters } from '../../http/parse-query.ts'
import { cancelRunning } from '../../db/sync/runs.ts'
import { readFormQuery } from '../../web/form.ts'
import { redirectWithNotice } from '../../web/notice.ts'
import { reversedPeriod } from '../../web/period.ts'
import { viewerOf, type PageContext } from '../../web/viewer.tsx'

/** `POST /coverage/sync`: starts a sync of a period, and shows its progress. */
export async function startSync(context: PageContext): Promise<Response> {
  const query = await readFormQuery(context.req)
  const { zone } = viewerOf(context).clock
  if (isReversed(readParameters(backfillQuery(zone), query))) throw reversedPeriod()
  await startBackfillRun(context.env, query, zone)
  return redirectWithNotice(context, '/coverage', 'coverage.started')
}

/** `POST /coverage/cancel`: cancels all running syncs. */
export async function cancelSyncs(context: PageContext): Promise<Response> {
  const count = await cancelRunning(context.env.DB, Date.now())
  const key = count === 0 ? 'coverage.noneRunning' : 'coverage.cancelled'
  return redirectWithNotice(context, '/coverage', key, { count })
}
