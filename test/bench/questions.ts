import type { Server } from './server.ts'

/** A typical request to the read API. */
export type TypicalRequest = {
  name: string
  path: string
  /** The target for rows read. */
  maxRows?: number
}

const LIMIT = 50
const DAY_MS = 86_400_000
const MIDDLE_MS = 20 * DAY_MS // of somewhat more than a month

/** The values to use in requests, from the database. */
type Subject = {
  contactId: string
  email: string
  /** The end of its path, with its contact. */
  delivery: string
  messageId: string
  day: string
}

/** Picks subjects from the middle of the month. @param contactId of a contact with many events */
export async function chooseSubject(server: Server, contactId: string): Promise<Subject> {
  const middle = new Date(Date.now() - MIDDLE_MS).toISOString().slice(0, 19)
  const text = await server.request('GET', `/activity?limit=500&until=${middle}`)
  const { activity } = JSON.parse(text) as { activity: Partial<Record<string, unknown>>[] }
  const event = activity.find(
    (each) => each['email'] && each['iid'] && each['messageId'] && each['contactId'],
  )
  if (!event) throw new Error('no stored event has all the values')
  const { email, messageId, occurredAt } = event
  const delivery = `${event['iid']}?contactId=${event['contactId']}`
  const day = new Date(Number(occurredAt)).toISOString().slice(0, 10)
  return { contactId, email: String(email), delivery, messageId: String(messageId), day }
}

/** Lists a request of each kind. */
export function listRequests({
  contactId,
  email,
  delivery,
  messageId,
  day,
}: Subject): TypicalRequest[] {
  const month = `since=${day}&until=${new Date(Date.parse(day) + 30 * DAY_MS).toISOString().slice(0, 10)}`
  return [
    { name: 'newest page', path: `/activity?limit=${LIMIT}`, maxRows: 2 * LIMIT + 10 },
    { name: "one contact's page", path: `/activity?limit=${LIMIT}&contactId=${contactId}` },
    {
      name: 'a rare status',
      path: `/activity?limit=${LIMIT}&activityStatus=SPAM`,
      maxRows: 3 * LIMIT + 10,
    },
    { name: 'a filter without an index', path: `/activity?limit=${LIMIT}&messageId=${messageId}` },
    { name: 'a contact and its identifiers', path: `/contacts/${contactId}` },
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
