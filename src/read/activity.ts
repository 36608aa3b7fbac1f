import type { Context } from 'hono'
import { PARAMETERS } from '../activity/parameters.ts'
import { Refusal } from '../refusal.ts'
import { readSettings } from '../settings.ts'
import { cellToJson } from '../store/columns.ts'
import { findActivity, listActivities, type StoredActivity } from '../store/list.ts'
import { formatPosition, parsePosition } from './position.ts'
import { parseQuery } from './query.ts'

type ReadContext = Context<{ Bindings: Env }>

/** `GET /activity`: `{ "activity": […], "next": cursor or null }`, newest first. */
export async function listActivity({ env, req }: ReadContext): Promise<Response> {
  const { timeZone } = readSettings(env)
  const { cursor, limit, ...filter } = parseQuery(new URL(req.url).searchParams, timeZone)
  const { activities, next } = await listActivities(env.DB, filter, limit, cursor)
  const cursorText = JSON.stringify(next && formatPosition(next))
  return answerJson(`{"activity":[${activities.map(toJson)}],"next":${cursorText}}`)
}

/** `GET /activity/{id}`: one activity. */
export async function showActivity(context: ReadContext): Promise<Response> {
  const position = parsePosition(context.req.param('id') ?? '')
  const activity = position && (await findActivity(context.env.DB, position))
  if (!activity) throw new Refusal(404, 'not_found', 'There is no activity with this id.')
  return answerJson(toJson(activity))
}

/**
 * An activity as JSON text, in Yespo's spelling: what Yespo sent is the documented parameters and
 * `extra` together. Text and not an object, since its numbers may have more digits than JavaScript's.
 */
function toJson(activity: StoredActivity): string {
  const { receivedAt, occurredAt, origin, labels, extra } = activity
  const own = JSON.stringify({ id: formatPosition(activity), occurredAt, receivedAt, origin })
  const parameters = PARAMETERS.flatMap(({ name }) => {
    const cell = activity[name]
    return cell === null ? [] : `,"${name}":${cellToJson(name, cell)}`
  })
  return `${own.slice(0, -1)}${parameters.join('')},"labels":${labels ?? '{}'},"extra":${extra ?? '{}'}}`
}

function answerJson(text: string): Response {
  return new Response(text, {
    headers: { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' },
  })
}
