import type { EventKey } from '../../db/stored-event.ts'
import { listDeliveries } from '../../history/contact-deliveries.ts'
import { continueHistory, openHistory } from '../../history/history.ts'
import { channelName } from '../../web/channel-name.ts'
import { downloadCsv, type Cell } from '../../web/csv-download.ts'
import { nameOf } from '../../web/statuses.ts'
import { viewerOf, type PageContext, type Viewer } from '../../web/viewer.tsx'
import { describeDelivery } from '../explanation.ts'
import { causeText } from '../sentences.ts'

const MAX_MESSAGES = 1_000
const MAX_STEPS = 5 // if the archive takes several

/** The messages to a contact as a file, newest first: the newest 1,000. @param id decimal digits */
export async function downloadMessages(
  context: PageContext,
  id: string,
  after: EventKey,
): Promise<Response> {
  const { text } = viewerOf(context)
  const history = openHistory(context.env)
  const rows: Cell[][] = []
  let next: EventKey | null = after
  for (let step = 0; next && rows.length < MAX_MESSAGES && step < MAX_STEPS; step++) {
    const limit = MAX_MESSAGES - rows.length
    const page = await listDeliveries(continueHistory(history), id, next, limit)
    rows.push(...page.deliveries.flatMap((events) => toRow(events, text)))
    next = page.next
  }
  return downloadCsv(context, {
    name: `contact-${id}`,
    heads: [
      text('parameter.activityDateTime'),
      text('parameter.mediaType'),
      text('parameter.messageId'),
      text('parameter.messageName'),
      ...['SENT', 'DELIVERED', 'READ', 'CLICKED'].map((status) => nameOf(status, text)),
      text('parameter.clickEventLink'),
      ...['UNDELIVERED', 'SPAM', 'UNSUBSCRIBED'].map((status) => nameOf(status, text)),
      text('bounces.cause'),
      text('parameter.statusDescription'),
    ],
    rows,
  })
}

function toRow(events: Parameters<typeof describeDelivery>[0], text: Viewer['text']): Cell[][] {
  const delivery = describeDelivery(events)
  if (!delivery) return []
  const { mediaType, beganAt, course } = delivery
  const { message, clicks, undelivered } = course
  return [
    [
      new Date(beganAt),
      channelName(mediaType, text),
      message.messageId === null ? null : String(message.messageId),
      message.messageName === null ? null : String(message.messageName),
      toDate(course.sentAt),
      toDate(course.deliveredAt),
      toDate(course.readAt),
      toDate(clicks[0]?.at ?? null),
      clicks.flatMap(({ link }) => link ?? []).join(' '),
      toDate(undelivered?.at ?? null),
      toDate(course.spamAt),
      toDate(course.unsubscribedAt),
      undelivered && causeText(undelivered.cause, 'title', text),
      undelivered?.statusDescription,
    ],
  ]
}

function toDate(time: number | null): Date | null {
  return time === null ? null : new Date(time)
}
