import { type ExactNumber, isExactNumber } from './exact-number.ts'

const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n

/** Whether a value is an integer that SQLite's 64-bit INTEGER holds, digit for digit. */
function isInt64(value: unknown): value is number | ExactNumber {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return true
  const literal = isExactNumber(value) ? value.rawJSON : typeof value === 'number' ? `${value}` : ''
  if (!/^-?[1-9]\d{0,18}$/.test(literal)) return false
  const integer = BigInt(literal)
  return integer >= INT64_MIN && integer <= INT64_MAX
}

const isString = (value: unknown) => typeof value === 'string'

/**
 * The types of Yespo's table: which values have the type, and its column in SQLite. Another value is not an error:
 * it is kept in `extra`.
 */
export const TYPES = {
  string: { fits: isString, column: 'TEXT' },
  int: { fits: isInt64, column: 'INTEGER' },
  bool: { fits: (value: unknown) => typeof value === 'boolean', column: 'INTEGER' },
  'array of strings': {
    fits: (value: unknown): value is string[] => Array.isArray(value) && value.every(isString),
    column: 'TEXT',
  },
} as const

/** A name of a type in Yespo's table. */
export type TypeName = keyof typeof TYPES

type Parameter = {
  readonly name: string
  readonly type: TypeName
  readonly meaning: string
  /**
   * Events can be filtered by it: by one value, or by a comma-separated list of values. A parameter with several
   * values (tags, subscriptions) matches by any of them.
   */
  readonly filter?: 'one' | 'list'
  /** Its values are usually UUIDs. */
  readonly isUuid?: true
}

/**
 * The parameters that Yespo documents, in their order in a message of the queue: a new one goes to the end, and none
 * is ever moved or removed.
 *
 * Types, statements, responses and documentation derive from this list; a test compares the table's migration with
 * it. Source: https://docs.yespo.io/docs/webhooks
 */
export const PARAMETERS = [
  {
    name: 'activityDateTime',
    type: 'string',
    meaning: 'When it happened, as Yespo wrote it: local time, usually without a zone',
  },
  {
    name: 'activityStatus',
    type: 'string',
    meaning:
      'SENT (Mobile Push only), DELIVERED, UNDELIVERED, READ, UNSUBSCRIBED, CLICKED, SPAM, SUBSCRIPTION_CHANGED; new ones are kept as they come',
    filter: 'list',
  },
  { name: 'broadcastId', type: 'int', meaning: 'Broadcast ID', filter: 'list' },
  {
    name: 'bundleId',
    type: 'string',
    meaning: 'Mobile application: Bundle Identifier (iOS), Application ID (Android)',
    filter: 'one',
  },
  {
    name: 'clickEventLink',
    type: 'string',
    meaning: 'Link that was clicked (CLICKED)',
    filter: 'one',
  },
  { name: 'contactId', type: 'int', meaning: 'Contact ID', filter: 'list' },
  { name: 'email', type: 'string', meaning: 'Contact email', filter: 'one' },
  {
    name: 'externalCustomerId',
    type: 'string',
    meaning: "Customer ID in the client's system",
    filter: 'one',
  },
  { name: 'from', type: 'string', meaning: 'Sender name (email and SMS)', filter: 'one' },
  {
    name: 'hardBounce',
    type: 'bool',
    meaning: 'Whether an UNDELIVERED is permanent',
    filter: 'list',
  },
  {
    name: 'iid',
    type: 'string',
    meaning: 'One delivery of one message; the same for all its statuses',
    filter: 'list',
    isUuid: true,
  },
  {
    name: 'imId',
    type: 'int',
    meaning: 'Individual message ID: ties activities to one message',
    filter: 'list',
  },
  {
    name: 'mediaType',
    type: 'string',
    meaning:
      'Channel: sms, email, viber, web push, mobile push, AppInbox, widget, in-app, Telegram',
    filter: 'list',
  },
  { name: 'messageId', type: 'int', meaning: 'Message ID', filter: 'list' },
  { name: 'messageInstanceId', type: 'int', meaning: 'Message instance ID', filter: 'list' },
  { name: 'messageLanguageCode', type: 'string', meaning: 'Message language code', filter: 'list' },
  {
    name: 'messageName',
    type: 'string',
    meaning: 'Message name; empty for test emails',
    filter: 'one',
  },
  { name: 'messageTag', type: 'string', meaning: 'Message tags, comma-separated', filter: 'list' },
  { name: 'mobilepush', type: 'string', meaning: 'Mobile app subscriber token', filter: 'one' },
  { name: 'osName', type: 'string', meaning: 'Operating system of the device', filter: 'list' },
  { name: 'osType', type: 'string', meaning: 'Device type: Desktop or Mobile', filter: 'list' },
  { name: 'sms', type: 'string', meaning: 'Contact phone number; Viber too', filter: 'one' },
  { name: 'sourceEventId', type: 'int', meaning: 'Source event ID', filter: 'list' },
  {
    name: 'sourceEventKey',
    type: 'string',
    meaning: 'Source event key',
    filter: 'one',
    isUuid: true,
  },
  { name: 'sourceEventTypeKey', type: 'string', meaning: 'Source event type key', filter: 'list' },
  { name: 'statusDescription', type: 'string', meaning: 'Why it is UNDELIVERED' },
  {
    name: 'subscriptions',
    type: 'array of strings',
    meaning: 'Subscription category keys',
    filter: 'list',
  },
  { name: 'viewMessageLink', type: 'string', meaning: 'Web version of the message (email)' },
  { name: 'webpush', type: 'string', meaning: 'Web push subscriber token', filter: 'one' },
  {
    name: 'workflowBlockId',
    type: 'string',
    meaning: 'Workflow block that sent the message',
    filter: 'list',
  },
  { name: 'workflowId', type: 'int', meaning: 'Workflow ID', filter: 'list' },
  {
    name: 'workflowInstanceId',
    type: 'string',
    meaning: 'One launch of a workflow (UUID)',
    filter: 'list',
    isUuid: true,
  },
] as const satisfies readonly Parameter[]

/** A documented parameter's name. */
export type ParameterName = (typeof PARAMETERS)[number]['name']

type TypeNameOf<Name extends ParameterName> = Extract<
  (typeof PARAMETERS)[number],
  { name: Name }
>['type']

type Fitting<Guard> = Guard extends (value: unknown) => value is infer Value ? Value : never

/** The documented parameters of one event whose values have their documented type. */
export type Parameters = {
  [Name in ParameterName]?: Fitting<(typeof TYPES)[TypeNameOf<Name>]['fits']>
}

/** The parameters whose values are usually UUIDs. */
export const UUIDS = PARAMETERS.filter((parameter) => 'isUuid' in parameter).map(({ name }) => name)

/** A parameter by which events can be filtered. */
export type FilterName = Extract<(typeof PARAMETERS)[number], { filter: string }>['name']

/** The parameters by which events can be filtered. */
export const FILTERS = PARAMETERS.filter(
  (parameter): parameter is Extract<typeof parameter, { filter: string }> => 'filter' in parameter,
)
