import { readPageQuery } from '../../web/page-query.ts'
import { viewerClock, type PageContext } from '../../web/viewer.tsx'
import { exportPeople, peopleExportQuery } from '../people.ts'

/** `GET /campaigns/people.csv`: the export of people, for whoever is signed in. */
export async function downloadPeople(context: PageContext): Promise<Response> {
  const { env, req } = context
  const query = readPageQuery(peopleExportQuery(viewerClock(context).zone), req.url)
  return exportPeople(env, query, 'csv')
}
