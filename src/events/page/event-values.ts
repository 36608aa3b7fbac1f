import { parseExactly } from '../../event/exact-number.ts'
import { FILTERS, PARAMETERS, type ParameterName } from '../../event/parameters.ts'
import { cutText } from '../../platform/cut-text.ts'
import { cellToJson, INTEGERS } from '../../db/columns.ts'
import type { StoredEvent } from '../../db/stored-event.ts'
import { isLinkable, link } from '../../web/link.ts'
import { labelOf } from '../../web/parameter-label.ts'
import type { Viewer } from '../../web/viewer.tsx'

/** A value that was sent, to be shown. */
export type ShownValue = {
  name: string
  /** The readable name of a documented parameter; otherwise the name itself. */
  label: string
  text: string
  /** A link to the events with the same value. */
  rows?: string | undefined
  /** The value itself, if it is a web address. */
  target?: string | undefined
}

// Others are personal data, which is never in a URL, or do not distinguish events.
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

/** All values of an event as sent, with every digit, documented parameters first. */
export function listSent(event: StoredEvent, translate: Viewer['text']): ShownValue[] {
  const others = new Map(listMembers(event.extra).map((each) => [each.name, each]))
  const parameters = listParameters(event, translate).map((shown) => {
    const sent = others.get(shown.name)
    others.delete(shown.name)
    return { ...shown, text: sent?.text ?? shown.text }
  })
  return [...parameters, ...others.values()]
}

function listParameters(event: StoredEvent, translate: Viewer['text']): ShownValue[] {
  return PARAMETERS.flatMap(({ name, type }): ShownValue[] => {
    const cell = event[name]
    if (cell === null) return []
    const json = cellToJson(name, cell)
    const label = labelOf(name, translate)
    if (type === 'array of strings') {
      return [{ name, label, text: json, rows: rowsOf(name, toTexts(json)) }]
    }
    const text = type === 'string' ? String(cell) : json
    const page = pageOf(name, text, event)
    const rows = page ?? rowsOf(name, [text], name === 'iid' ? event.contactId : null)
    const target = name.endsWith('Link') ? webAddress(text) : undefined
    return [{ name, label, text, rows, target }]
  })
}

/** The page of a contact or a campaign; undefined for other values. */
function pageOf(name: ParameterName, text: string, { messageId }: StoredEvent): string | undefined {
  if (name === 'contactId') return `/contact/${text}`
  return name === 'messageName' && messageId !== null ? `/campaigns/${messageId}` : undefined
}

function toTexts(json: string): string[] {
  const value: unknown = JSON.parse(json)
  return Array.isArray(value) ? value.map(String) : []
}

/**
 * A link to events with the same values; undefined if no URL can select them, or if they may be personal data.
 *
 * @param contactId narrows the search; without it, all events are searched
 */
function rowsOf(
  name: ParameterName,
  values: readonly string[],
  contactId: string | number | null = null,
): string | undefined {
  // Commas separate values, as they do in tags.
  const parts = name === 'messageTag' ? values.flatMap((tags) => tags.split(',')) : values
  const text = values.join(',')
  const canSelect =
    parts.every((each) =>
      isLinkable(name === 'messageTag' ? each.trim() : each, LISTS.has(name)),
    ) && isLinkable(text, false)
  const isPersonal = !INTEGERS.has(name) && parts.some((each) => PHONE_NUMBER.test(each.trim()))
  return LINKED.has(name) && canSelect && !isPersonal
    ? link('/recent', { [name]: text, contactId: contactId ?? undefined })
    : undefined
}

/** A text if it is a web address, which `javascript:` and the like are not. */
function webAddress(text: string): string | undefined {
  return /^https?:\/\//i.test(text) && URL.canParse(text) ? text : undefined
}

/** The members of a JSON object, with every digit. */
export function listMembers(json: string | null): ShownValue[] {
  const value = json === null ? {} : parseExactly(json)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).map(([name, member]) => ({
    name,
    label: name,
    text: typeof member === 'string' ? member : JSON.stringify(member),
  }))
}

/** As many values as fit on a page. @param room characters */
export function fit(
  values: readonly ShownValue[],
  room: number,
): { shown: ShownValue[]; complete: boolean } {
  let left = room
  const shown: ShownValue[] = []
  for (const value of values) {
    if (left <= 0) return { shown, complete: false }
    const label = cutText(value.label, left)
    const text = cutText(value.text, Math.max(0, left - label.length))
    shown.push({
      ...value,
      name: cutText(value.name, left),
      label,
      text: text === value.text ? text : `${text}…`,
    })
    left -= value.label.length + value.text.length
  }
  return { shown, complete: left >= 0 }
}
