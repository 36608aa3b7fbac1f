import type * as z from 'zod'
import { FORMATS } from '../events/export.ts'
import type { JsonSchema, SchemaName } from './schemas.ts'

/** What operations are grouped by, with what each group is for. */
export const TAGS = {
  Events: 'What happened, event by event.',
  Contacts: 'One person, one delivery, and whom to stop writing to.',
  Reports: 'Counts and rates.',
  'Set aside': 'What could be no event: to be tried again, or discarded.',
  Webhook: 'What Yespo calls.',
  Service: 'The receiver itself.',
} as const

/** How a caller proves who it is, with what to know about it. */
export const CREDENTIALS = {
  readToken: { type: 'http', scheme: 'bearer', description: '`READ_TOKEN`, for reading.' },
  operateToken: {
    type: 'http',
    scheme: 'bearer',
    description:
      '`OPERATE_TOKEN`, for changing what is stored, and for reading; where it is not set, `READ_TOKEN`.',
  },
  webhookLogin: {
    type: 'http',
    scheme: 'basic',
    description:
      '`WEBHOOK_LOGIN` and `WEBHOOK_PASSWORD`, as they are entered in the form of Yespo. Where `WEBHOOK_HEADERS` is set, its headers have to be there too.',
  },
} as const

/** What an answer is: a schema's name, or in words what the text is. */
type Answer = { schema: SchemaName } | { text: string }

/** One method of one address, in words. */
export type Operation = {
  method: 'get' | 'post' | 'delete'
  path: string
  operationId: string
  tag: keyof typeof TAGS
  needs?: keyof typeof CREDENTIALS
  summary: string
  description: string
  /** What is filled in in the path. */
  place?: { name: string; description: string; schema: JsonSchema }
  query?: z.ZodObject
  /** What is sent, as JSON. */
  body?: { schema: SchemaName; description: string }
  /** By media type. */
  answers: Readonly<Record<string, Answer>>
}

/** An answer that is JSON. */
export function json(schema: SchemaName): Operation['answers'] {
  return { 'application/json': { schema } }
}

const IF_CUT =
  'One that is cut short is aborted, and never ends as if it were whole: go on with `cursor`, the `id` of the last whole line. Whoever cannot tell asks on like that until no line comes.'

/** What exports answer. */
export const EXPORTS = {
  csv: { [FORMATS.csv.type]: { text: `A line of names, then a line for each event. ${IF_CUT}` } },
  ndjson: {
    [FORMATS.ndjson.type]: { text: `For each event a line of JSON, an \`Activity\`. ${IF_CUT}` },
  },
} as const satisfies Record<keyof typeof FORMATS, Operation['answers']>
