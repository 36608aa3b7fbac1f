import { parseExactly } from '../../event/exact-number.ts'
import { FILTERS, PARAMETERS, type ParameterName } from '../../event/parameters.ts'
import { cutText } from '../../platform/cut-text.ts'
import { cellToJson, INTEGERS } from '../../db/columns.ts'
import type { StoredActivity } from '../../db/stored-activity.ts'
import { isLinkable, link } from '../../web/link.ts'

/** Something that was sent, to be shown. */
export type Shown = {
  name: string
  text: string
  /** Where the rows are that have the same. */
  rows?: string | undefined
  /** Where it leads itself, if it is an address of the web. */
  target?: string | undefined
}

// Others are personal data, which an address never holds, or no way to tell events apart.
const LINKED: ReadonlySet<ParameterName> = new Set([
  'activityStatus',
  'broadcastId',
  'bundleId',
  'from',
  'iid',
  'imId',
  'mediaType',
  'messageId',
  'messageInstanceId',
  'messageLanguageCode',
  'messageName',
  'messageTag',
  'osName',
  'osType',
  'sourceEventId',
  'sourceEventTypeKey',
  'subscriptions',
  'workflowBlockId',
  'workflowId',
  'workflowInstanceId',
])
const PHONE_NUMBER = /^\+?(?:[\s().-]*\d){9,15}$/

const LISTS = new Set(
  FILTERS.flatMap(({ name, filter }) => (filter === 'list' ? [name as ParameterName] : [])),
)

/** All that an event was sent with, as it was sent, every digit of it: the documented parameters first. */
export function listSent(activity: StoredActivity): Shown[] {
  const others = new Map(listMembers(activity.extra).map((each) => [each.name, each]))
  const parameters = listParameters(activity).map((shown) => {
    const sent = others.get(shown.name)
    others.delete(shown.name)
    return { ...shown, text: sent?.text ?? shown.text }
  })
  return [...parameters, ...others.values()]
}

function listParameters(activity: StoredActivity): Shown[] {
  return PARAMETERS.flatMap(({ name, type }): Shown[] => {
    const cell = activity[name]
    if (cell === null) return []
    const json = cellToJson(name, cell)
    if (type === 'array of strings')
      return [{ name, text: json, rows: rowsOf(name, toTexts(json)) }]
    const text = type === 'string' ? String(cell) : json
    const rows =
      name === 'contactId'
        ? `/contact/${text}`
        : rowsOf(name, [text], name === 'iid' ? activity.contactId : null)
    return [{ name, text, rows, target: name.endsWith('Link') ? webAddress(text) : undefined }]
  })
}

function toTexts(json: string): string[] {
  const value: unknown = JSON.parse(json)
  return Array.isArray(value) ? value.map(String) : []
}

/**
 * Undefined where an address cannot ask for it, or where it may be personal data.
 *
 * @param contactId by whom it is found at once, what else is looked for among all
 */
function rowsOf(
  name: ParameterName,
  values: readonly string[],
  contactId: string | number | null = null,
): string | undefined {
  // A comma separates values, which is what the one in tags does anyway.
  const asked = name === 'messageTag' ? values.flatMap((tags) => tags.split(',')) : values
  const text = values.join(',')
  const isAskable =
    asked.every((each) =>
      isLinkable(name === 'messageTag' ? each.trim() : each, LISTS.has(name)),
    ) && isLinkable(text, false)
  const isPersonal = !INTEGERS.has(name) && asked.some((each) => PHONE_NUMBER.test(each.trim()))
  return LINKED.has(name) && isAskable && !isPersonal
    ? link('/recent', { [name]: text, ...(contactId !== null && { contactId: String(contactId) }) })
    : undefined
}

/** Only what surely is one: `javascript:` and its like are text. */
function webAddress(text: string): string | undefined {
  return /^https?:\/\//i.test(text) && URL.canParse(text) ? text : undefined
}

/** The members of a JSON object, every digit of them. */
export function listMembers(json: string | null): Shown[] {
  const value = json === null ? {} : parseExactly(json)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).map(([name, member]) => ({
    name,
    text: typeof member === 'string' ? member : JSON.stringify(member),
  }))
}

/** As many as a page holds. @param room characters */
export function fit(values: readonly Shown[], room: number): { shown: Shown[]; complete: boolean } {
  let left = room
  const shown: Shown[] = []
  for (const value of values) {
    if (left <= 0) return { shown, complete: false }
    const name = cutText(value.name, left)
    const text = cutText(value.text, Math.max(0, left - name.length))
    shown.push({ ...value, name, text: text === value.text ? text : `${text}…` })
    left -= value.name.length + value.text.length
  }
  return { shown, complete: left >= 0 }
}
