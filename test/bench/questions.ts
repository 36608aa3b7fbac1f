import type { Server } from './server.ts'

/** Something that people ask, as a path of the read API. */
export type Question = {
  name: string
  path: string
  /** Rows that may be read for it. */
  rowsWanted?: number
}

const LIMIT = 50
const DAY_MS = 86_400_000
const MIDDLE_MS = 20 * DAY_MS // of a month and some

/** The subjects of questions, as the database has them. */
type Subject = {
  contactId: string
  email: string
  /** As its path names it, with the contact that it went to. */
  delivery: string
  messageId: string
  day: string
}

/** Picks subjects from the middle of the month. @param contactId of a contact with many events */
export async function chooseSubject(server: Server, contactId: string): Promise<Subject> {
  const middle = new Date(Date.now() - MIDDLE_MS).toISOString().slice(0, 19)
  const text = await server.ask('GET', `/activity?limit=500&until=${middle}`)
  const { activity } = JSON.parse(text) as { activity: Partial<Record<string, unknown>>[] }
  const event = activity.find(
    (each) => each['email'] && each['iid'] && each['messageId'] && each['contactId'],
  )
  if (!event) throw new Error('nothing is stored that could be asked about')
  const { email, messageId, occurredAt } = event
  const delivery = `${event['iid']}?contactId=${event['contactId']}`
  const day = new Date(Number(occurredAt)).toISOString().slice(0, 10)
  return { contactId, email: String(email), delivery, messageId: String(messageId), day }
}

/** A question of each kind. */
export function listQuestions({ contactId, email, delivery, messageId, day }: Subject): Question[] {
  const month = `since=${day}&until=${new Date(Date.parse(day) + 30 * DAY_MS).toISOString().slice(0, 10)}`
  return [
    { name: 'newest page', path: `/activity?limit=${LIMIT}`, rowsWanted: 2 * LIMIT + 10 },
    { name: "one contact's page", path: `/activity?limit=${LIMIT}&contactId=${contactId}` },
    {
      name: 'a rare status',
      path: `/activity?limit=${LIMIT}&activityStatus=SPAM`,
      rowsWanted: 3 * LIMIT + 10,
    },
    { name: 'a filter without an index', path: `/activity?limit=${LIMIT}&messageId=${messageId}` },
    { name: 'a contact and its names', path: `/contacts/${contactId}` },
    { name: 'a contact by email', path: `/contacts?email=${encodeURIComponent(email)}` },
    { name: 'a delivery', path: `/deliveries/${delivery}` },
    { name: 'suppressions from the beginning', path: '/suppressions?limit=100' },
    { name: 'report: newest messages', path: '/reports/messages' },
    { name: 'report: largest messages', path: '/reports/messages?sort=largest' },
    { name: 'report: one message', path: `/reports/messages?messageId=${messageId}` },
    {
      name: 'report: largest workflows of a month',
      path: `/reports/workflows?sort=largest&${month}`,
    },
    { name: 'report: channels, all time', path: '/reports/channels' },
    { name: 'totals: 30 days', path: `/reports/totals?by=day&${month}` },
    { name: 'totals: 30 days in Nepal', path: `/reports/totals?timeZone=Asia/Kathmandu&${month}` },
    { name: 'totals: 30 days by channel', path: `/reports/totals?split=channel&${month}` },
    { name: 'bounces, all time', path: '/reports/bounces' },
  ]
}
