import * as z from 'zod'
import { PARAMETERS, type ParameterName, type TypeName } from '../event/parameters.ts'
import { cellToJson } from '../db/columns.ts'
import type { StoredEvent } from '../db/stored-event.ts'
import type { NewestPage } from '../history/list.ts'
import { formatCursor } from './cursor.ts'
import { lazily } from './endpoint.ts'
import { moment, nextPage } from './response-fields.ts'

const TYPES: Readonly<Record<TypeName, () => z.ZodType>> = {
  string: z.string,
  int: z.int,
  bool: z.boolean,
  'array of strings': () => z.array(z.string()),
}

/** Every parameter that Yespo documents, with its documented type; optional, except for some. */
export function parameterFields(...required: readonly ParameterName[]): Record<string, z.ZodType> {
  const fields = PARAMETERS.map(({ name, type, meaning }) => {
    const schema = TYPES[type]()
    const field = required.includes(name) ? schema : schema.optional()
    return [name, field.meta({ description: `${meaning}.` })]
  })
  return Object.fromEntries(fields)
}

/** An event as `toJson` writes it. */
export const eventSchema = lazily(() =>
  z
    .strictObject({
      id: z
        .string()
        .meta({ description: 'ID of the event, for `GET /activity/{id}`; also a cursor.' }),
      occurredAt: moment('When it happened'),
      receivedAt: moment('When it was received'),
      origin: z.string().meta({
        description: 'What confirmed it first: `webhook`, or `api` if the webhook missed it.',
      }),
      ...parameterFields('activityStatus'),
      labels: z
        .record(z.string(), z.string())
        .meta({ description: 'The headers named in `LABEL_HEADERS`, as sent with the event.' }),
      extra: z.record(z.string(), z.unknown()).meta({
        description:
          'Undocumented parameters, and values of another type than documented, as sent; the converted value is above if its meaning is certain.',
      }),
    })
    .meta({ id: 'Activity' }),
)

/** The fields of a response that has a page of events, as `listToJson` writes them. */
export function eventPageFields() {
  return {
    activity: z.array(eventSchema()).meta({ description: 'Newest first.' }),
    next: nextPage(),
    datedAhead: moment(
      'Without `until`, events dated more than 26 hours ahead are left out. If there are any, use this as `since` to get them; an export includes them',
    ).nullable(),
  }
}

/**
 * An event as JSON text, in Yespo's spelling: the documented parameters and `extra` together are what Yespo sent. Not
 * an object, since numbers may have more digits than JavaScript's.
 */
export function toJson(event: StoredEvent): string {
  const { receivedAt, occurredAt, origin, labels, extra } = event
  const own = JSON.stringify({ id: formatCursor(event), occurredAt, receivedAt, origin })
  const parameters = PARAMETERS.flatMap(({ name }) => {
    const cell = event[name]
    return cell === null ? [] : `,"${name}":${cellToJson(name, cell)}`
  })
  return `${own.slice(0, -1)}${parameters.join('')},"labels":${labels ?? '{}'},"extra":${extra ?? '{}'}}`
}

/** The members of a response that has a page of events. */
export function listToJson({ events, next, datedAhead }: NewestPage): string {
  const cursor = next && formatCursor(next)
  const rest = JSON.stringify({ next: cursor, datedAhead })
  return `"activity":[${events.map(toJson)}],${rest.slice(1, -1)}`
}
