import { DAY_MS } from '../../src/event/clock.ts'
import type { ShopEvent } from '../../src/simulator/shop/delivery.ts'
import { alike, pathOf, same } from './ask.ts'
import {
  expectLine,
  expectRates,
  inSpan,
  largestMessages,
  messageOf,
  ofMessage,
  weekOf,
  type Span,
} from './expected.ts'
import type { Context, Question } from './question.ts'

type Line = Record<string, unknown>

/** An event without a value is in no line. */
const known = (value: string | undefined) => (value === undefined ? [] : [value])

/** Compares all lines of a report with the groups of the events. */
async function checkReport(
  { asker, filled: { truth } }: Context,
  path: string,
  query: Readonly<Record<string, string | number>>,
  events: readonly ShopEvent[],
  [field, keysOf]: [string, (event: ShopEvent) => readonly unknown[]],
): Promise<void> {
  const lines = await asker.list<Line>(pathOf(path, { ...query, limit: 100 }), 'report')
  const keys = new Set(events.flatMap(keysOf))
  same(new Set(lines.map((line) => line[field])), keys, `${path}: its lines`)
  for (const line of lines) {
    const own = events.filter((event) => keysOf(event).includes(line[field]))
    alike(line, expectLine(truth, own), `${path}: ${field} ${line[field]}`)
    alike(line['rates'], expectRates(truth, own), `${path}: rates of ${field} ${line[field]}`)
  }
}

const byMessage: [string, (event: ShopEvent) => number[]] = [
  'messageId',
  (event) => [messageOf(event).messageId],
]

/** Some messages: the largest of the kept and of the archived half. */
function someMessages({ filled: { truth, keptSince, end } }: Context) {
  const isClick = (span: Span) => (event: ShopEvent) =>
    event.status === 'CLICKED' &&
    event.delivery.campaign.broadcastId !== undefined &&
    messageOf(event).channel === 'email' &&
    event.delivery.sentAt >= span.since &&
    event.delivery.sentAt < span.until
  return [
    ...largestMessages(truth, 3, isClick({ since: keptSince + 2 * DAY_MS, until: end })),
    ...largestMessages(truth, 2, isClick({ since: 0, until: keptSince - 10 * DAY_MS })),
  ]
}

export const MARKETERS: readonly Question[] = [
  {
    id: 'M1',
    text: 'How did last week’s campaigns do, each, with rates?',
    async check(context) {
      for (const weeks of [1, 2, 3]) {
        const span = weekOf(context.filled.end, weeks)
        const events = inSpan(context.filled.truth, span)
        await checkReport(context, '/reports/messages', span, events, byMessage)
      }
    },
  },
  {
    id: 'M10',
    text: 'X against Z, side by side?',
    async check(context) {
      const [x, z] = someMessages(context)
      const messageId = `${x?.messageId},${z?.messageId}`
      const events = context.filled.truth.events.filter(
        (event) => messageOf(event) === x || messageOf(event) === z,
      )
      await checkReport(context, '/reports/messages', { messageId }, events, byMessage)
    },
  },
  {
    id: 'M11',
    text: 'Which tag performs best this quarter?',
    async check(context) {
      const { end, truth } = context.filled
      const date = new Date(end)
      const since = Date.UTC(date.getUTCFullYear(), Math.floor(date.getUTCMonth() / 3) * 3)
      const span = { since, until: end }
      await checkReport(context, '/reports/tags', span, inSpan(truth, span), [
        'messageTag',
        (event) => messageOf(event).messageTag?.split(',') ?? [],
      ])
    },
  },
  {
    id: 'M12',
    text: 'Which channel loses most people (unsubscribes per delivered)?',
    async check(context) {
      await checkReport(context, '/reports/channels', {}, context.filled.truth.events, [
        'mediaType',
        (event) => [messageOf(event).channel],
      ])
    },
  },
  {
    id: 'M14',
    text: 'How does the welcome workflow do, block by block?',
    async check(context) {
      const { shop, truth } = context.filled
      const { workflowId } = shop.welcome
      const events = truth.events.filter(
        ({ delivery }) => delivery.campaign.block?.workflowId === workflowId,
      )
      await checkReport(context, '/reports/blocks', { workflowId }, events, [
        'workflowBlockId',
        ({ delivery }) => [delivery.campaign.block?.workflowBlockId],
      ])
    },
  },
  {
    id: 'M17',
    text: 'Which sender name is complained about most?',
    async check(context) {
      await checkReport(context, '/reports/senders', {}, context.filled.truth.events, [
        'from',
        (event) => known(messageOf(event).from),
      ])
    },
  },
  {
    id: 'M19',
    text: 'Which messages were sent in language "uk", and their read rate?',
    async check(context) {
      const { truth } = context.filled
      const events = truth.events.filter(
        (event) => messageOf(event).isTranslated && event.delivery.contact.language === 'uk',
      )
      const query = { messageLanguageCode: 'uk' }
      await checkReport(context, '/reports/messages', query, events, byMessage)
      for (const message of someMessages(context)) {
        const { messageId } = message
        await checkReport(context, '/reports/languages', { messageId }, ofMessage(truth, message), [
          'messageLanguageCode',
          (event) => known(message.isTranslated ? event.delivery.contact.language : undefined),
        ])
      }
    },
  },
]
