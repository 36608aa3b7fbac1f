import type { Context } from 'hono'
import { accepts } from 'hono/accepts'
import * as z from 'zod'
import { HttpError } from '../platform/http-error.ts'
import { readSettings } from '../settings/settings.ts'
import { findActivity } from '../db/events/select-events.ts'
import { respondJson, listToJson, toJson } from '../http/event-json.ts'
import { listNewest } from '../db/events/dated-ahead.ts'
import { exportActivity, FORMATS, type Format } from './export.ts'
import { cursor, filterFields, limit, period, perZone, toFilter } from '../http/query-fields.ts'
import { parseCursor } from '../http/cursor.ts'
import { parseQuery } from '../http/parse-query.ts'

type ReadContext = Context<{ Bindings: Env }>

/** What `GET /activity` is asked for. */
export const activityQuery = perZone((zone) =>
  z.strictObject({
    ...filterFields(),
    ...period(zone),
    limit: limit(500, 50),
    cursor: cursor.optional(),
  }),
)

/** What an export is asked for: everything, unless a limit is set. */
export const exportQuery = perZone((zone) =>
  activityQuery(zone).extend({
    limit: limit(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER).meta({
      description: 'At most so many; otherwise all.',
    }),
    cursor: cursor.optional().meta({
      description: 'Go on after this event: the `id` of the last one that arrived.',
    }),
  }),
)

/** `GET /activity`: `{ "activity": […], "next": cursor or null, "datedAhead": time or null }`, newest first; or an export. */
export async function listActivity(context: ReadContext): Promise<Response> {
  const { env, req } = context
  const supports = ['application/json', ...Object.values(FORMATS).map(({ type }) => type)]
  const type = accepts(context, { header: 'Accept', supports, default: 'application/json' })
  const [format] = Object.entries(FORMATS).find(([, each]) => each.type === type) ?? []
  if (format !== undefined) return exportActivityAs(format as Format)(context)
  const { timeZone } = readSettings(env)
  const query = parseQuery(activityQuery(timeZone), new URL(req.url).searchParams)
  const { limit: most, cursor: after, ...filter } = query
  return respondJson(`{${listToJson(await listNewest(env.DB, toFilter(filter), most, after))}}`)
}

/** `GET /activity.csv` and `GET /activity.ndjson`: everything that the filter finds, newest first. */
export function exportActivityAs(format: Format) {
  return async ({ env, req }: ReadContext): Promise<Response> => {
    const { timeZone } = readSettings(env)
    const query = parseQuery(exportQuery(timeZone), new URL(req.url).searchParams)
    const { limit: most, cursor: after, ...filter } = query
    return exportActivity(env.DB, format, toFilter(filter), most, after)
  }
}

/** `GET /activity/{id}`: one activity. */
export async function showActivity(context: ReadContext): Promise<Response> {
  const position = parseCursor(context.req.param('id') ?? '')
  const activity = position && (await findActivity(context.env.DB, position))
  if (!activity) throw new HttpError(404, 'not_found', 'There is no activity with this id.')
  return respondJson(toJson(activity))
}
