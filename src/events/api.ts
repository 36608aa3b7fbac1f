import { accepts } from 'hono/accepts'
import * as z from 'zod'
import { findInHistory } from '../history/find-event.ts'
import { openHistory } from '../history/history.ts'
import { listNewest } from '../history/list.ts'
import { HttpError } from '../platform/http-error.ts'
import { eventPageFields, eventSchema, listToJson, toJson } from '../http/event-json.ts'
import { respondJson } from '../http/respond-json.ts'
import { exportEvents, FORMATS, type Format } from './export.ts'
import {
  cursor,
  filterFields,
  integer,
  limit,
  period,
  perZone,
  toFilter,
} from '../http/query-fields.ts'
import { parseCursor } from '../http/cursor.ts'
import { defineEndpoint, lazily, type EndpointContext } from '../http/endpoint.ts'

/** Query parameters of `GET /activity`. */
const eventQuery = perZone((zone) =>
  z.strictObject({
    ...filterFields(),
    ...period(zone),
    limit: limit(500, 50),
    cursor: cursor.optional(),
  }),
)

/** Query parameters of an export: of all events, unless a limit is set. */
const exportQuery = perZone((zone) =>
  eventQuery(zone).extend({
    limit: limit(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER).meta({
      description: 'Maximum number of events; all by default.',
    }),
    cursor: cursor.optional().meta({
      description: 'Continue after this event: the `id` of the last one received.',
    }),
  }),
)

const RESUME =
  'An interrupted transfer is aborted, so that it never looks complete: request the rest with `cursor`, the `id` of the last complete line. If you cannot tell whether it was complete, repeat that until no line is returned.'

const CSV = { [FORMATS.csv.type]: `A header line, then a line for each event. ${RESUME}` }
const NDJSON = {
  [FORMATS.ndjson.type]: `A line of JSON for each event, an \`Activity\`. ${RESUME}`,
}

const PARQUET = {
  [FORMATS.parquet.type]:
    'A Parquet file, compressed with GZIP, with the columns of the archive; times are timestamps in UTC.',
}

/** The export format that the header Accept asks for; undefined for JSON. */
function formatOf(context: EndpointContext): Format | undefined {
  const formats = Object.keys(FORMATS) as Format[]
  const supports = ['application/json', ...formats.map((format) => FORMATS[format].type)]
  const type = accepts(context, { header: 'Accept', supports, default: 'application/json' })
  return formats.find((format) => FORMATS[format].type === type)
}

const listActivity = defineEndpoint({
  method: 'get',
  path: '/activity',
  access: 'readToken',
  operationId: 'listActivity',
  tag: 'Events',
  summary: 'List events, newest first',
  description:
    'An event must match every given parameter. A page reads a bounded number of rows and has at most a few megabytes: with a rare status, long events, or events from the archive it may be short, or empty, and still have a `next`. Archived events are found quickly with a contact (`contactId`, `email`, `sms`, `externalCustomerId`); without one, all events of their time are searched, and if these are far too many, the response is 400 `too_much_to_search`. With `Accept: text/csv`, `application/x-ndjson` or `application/vnd.apache.parquet` this is an export of all matching events, like `/activity.csv`, `/activity.ndjson` and `/activity.parquet`.',
  query: (timeZone, context) =>
    context && formatOf(context) ? exportQuery(timeZone) : eventQuery(timeZone),
  response: lazily(() => z.strictObject(eventPageFields()).meta({ id: 'ActivityPage' })),
  texts: { ...CSV, ...NDJSON, ...PARQUET },
  async handle({ env, query: { limit: rows, cursor: after, ...filter } }, context) {
    const format = formatOf(context)
    const history = openHistory(env)
    if (format) return exportEvents(history, format, toFilter(filter), rows, after)
    return respondJson(`{${listToJson(await listNewest(history, toFilter(filter), rows, after))}}`)
  },
})

const OPERATION_IDS = {
  csv: 'exportActivityAsCsv',
  ndjson: 'exportActivityAsNdjson',
  parquet: 'exportActivityAsParquet',
} as const satisfies Record<Format, string>

function defineExport(
  format: Format,
  summary: string,
  description: string,
  texts: Readonly<Record<string, string>>,
) {
  return defineEndpoint({
    method: 'get',
    path: `/activity.${format}`,
    access: 'readToken',
    operationId: OPERATION_IDS[format],
    tag: 'Events',
    summary,
    description,
    query: exportQuery,
    texts,
    handle: ({ env, query: { limit: rows, cursor: after, ...filter } }) =>
      exportEvents(openHistory(env), format, toFilter(filter), rows, after),
  })
}

const REPEAT =
  'If the transfer is interrupted, repeat the request with the last `id` received as `cursor`.'

const showActivity = defineEndpoint({
  method: 'get',
  path: '/activity/{id}',
  access: 'readToken',
  operationId: 'showActivity',
  tag: 'Events',
  summary: 'Show an event',
  description:
    'The documented parameters and `extra` together are what Yespo sent; if a parameter is in both, `extra` has it as sent.',
  parameter: { description: 'The `id` of an event.', type: 'string' },
  query: z.strictObject({
    contactId: integer.optional().meta({
      description: 'Its contact. With it, an archived event is found quickly.',
    }),
  }),
  response: eventSchema,
  async handle({ env, parameter, query: { contactId } }) {
    const key = parseCursor(parameter)
    const event = key && (await findInHistory(openHistory(env), key, contactId))
    if (!event) throw new HttpError(404, 'not_found', 'No event has this ID.')
    return respondJson(toJson(event))
  },
})

export const eventEndpoints = [
  listActivity,
  defineExport(
    'csv',
    'Export events as CSV',
    `Newest first, with a column for each parameter and times in UTC. Text that a spreadsheet would run as a formula is prefixed with an apostrophe. ${REPEAT}`,
    CSV,
  ),
  defineExport(
    'ndjson',
    'Export events as lines of JSON',
    `Newest first, each as in \`/activity\`. ${REPEAT}`,
    NDJSON,
  ),
  defineExport(
    'parquet',
    'Export events as Parquet',
    'Newest first, with the columns of the archive. Streamed group by group. A file that is cut off cannot be read: request shorter periods.',
    PARQUET,
  ),
  showActivity,
]
