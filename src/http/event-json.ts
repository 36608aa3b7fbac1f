import { PARAMETERS } from '../event/parameters.ts'
import { cellToJson } from '../db/columns.ts'
import type { StoredActivity } from '../db/stored-activity.ts'
import type { NewestPage } from '../db/events/dated-ahead.ts'
import { formatCursor } from './cursor.ts'

/**
 * An activity as JSON text, in Yespo's spelling: what Yespo sent is the documented parameters and
 * `extra` together. Text and not an object, since its numbers may have more digits than JavaScript's.
 */
export function toJson(activity: StoredActivity): string {
  const { receivedAt, occurredAt, origin, labels, extra } = activity
  const own = JSON.stringify({ id: formatCursor(activity), occurredAt, receivedAt, origin })
  const parameters = PARAMETERS.flatMap(({ name }) => {
    const cell = activity[name]
    return cell === null ? [] : `,"${name}":${cellToJson(name, cell)}`
  })
  return `${own.slice(0, -1)}${parameters.join('')},"labels":${labels ?? '{}'},"extra":${extra ?? '{}'}}`
}

/** The members of an answer that has a page of activities. */
export function listToJson({ activities, next, datedAhead }: NewestPage): string {
  const cursor = next && formatCursor(next)
  const rest = JSON.stringify({ next: cursor, datedAhead })
  return `"activity":[${activities.map(toJson)}],${rest.slice(1, -1)}`
}

/** An answer that is JSON text already. */
export function respondJson(body: string): Response {
  return new Response(body, {
    headers: { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' },
  })
}
