import type { ParameterName } from './parameters.ts'

type Definition = {
  /** The parameter, which is a column of `campaigns`, too. */
  column: ParameterName
  /** The name of one line, for people. */
  title: string
  /** Whether an event may have several values, comma-separated. */
  isList?: true
  /** What a line has in common beside its counts. */
  described: readonly ParameterName[]
  /** What a search looks at: names if people do not know the value by heart. */
  searched: readonly ParameterName[]
}

const NAMES = ['messageName', 'messageTag', 'from'] as const

/**
 * What reports can be broken down by, by the name of the report. Filters, URLs, totals by time, pages and the
 * columns of `campaigns` are derived from this table.
 */
export const DIMENSIONS = {
  messages: {
    column: 'messageId',
    title: 'Message',
    described: ['messageId', 'messageName', 'messageTag', 'mediaType', 'from'],
    searched: NAMES,
  },
  broadcasts: {
    column: 'broadcastId',
    title: 'Broadcast',
    described: ['broadcastId', 'messageId', 'messageName', 'mediaType'],
    searched: NAMES,
  },
  workflows: {
    column: 'workflowId',
    title: 'Workflow',
    described: ['workflowId'],
    searched: NAMES,
  },
  channels: {
    column: 'mediaType',
    title: 'Channel',
    described: ['mediaType'],
    searched: ['mediaType'],
  },
  senders: { column: 'from', title: 'Sender', described: ['from'], searched: ['from'] },
  tags: {
    column: 'messageTag',
    title: 'Tag',
    isList: true,
    described: ['messageTag'],
    searched: ['messageTag'],
  },
  languages: {
    column: 'messageLanguageCode',
    title: 'Language',
    described: ['messageLanguageCode'],
    searched: ['messageLanguageCode'],
  },
  blocks: {
    column: 'workflowBlockId',
    title: 'Block',
    described: ['workflowId', 'workflowBlockId', 'messageId', 'messageName', 'mediaType'],
    searched: NAMES,
  },
} as const satisfies Record<string, Definition>

/** The name of a report, such as `messages`. */
export type ReportName = keyof typeof DIMENSIONS

/** What reports are broken down by: a parameter of Yespo's. */
export type Dimension = (typeof DIMENSIONS)[ReportName]['column']

export const REPORT_NAMES = Object.keys(DIMENSIONS) as [ReportName, ...ReportName[]]

/** Every dimension, with its definition. */
export const DIMENSION_OF = new Map<Dimension, Definition>(
  Object.values(DIMENSIONS).map((definition) => [definition.column, definition]),
)
