import { api } from '../../src/api.ts'
import type { Server } from './server.ts'

/** Something that people ask, as a path of the read API. */
export type Question = {
  name: string
  path: string
  /** Rows that may be read for it. */
  rowsWanted?: number
}

const LIMIT = 50

/** What a question is asked about, as the database has it. */
type Subject = { contactId: string; email: string; iid: string; messageId: string; day: string }

/** Picks what to ask about: a contact, a delivery and a message from the middle of all that is stored. */
export async function chooseSubject(db: D1Database, contactId: string): Promise<Subject> {
  const middle = await db
    .prepare('SELECT (min(occurredAt) + max(occurredAt)) / 2 AS time FROM activity')
    .first<number>('time')
  const event = await db
    .prepare(
      `SELECT email, iid, CAST(messageId AS TEXT) AS messageId, occurredAt FROM events
       WHERE occurredAt >= ?1 AND email IS NOT NULL AND iid IS NOT NULL ORDER BY occurredAt LIMIT 1`,
    )
    .bind(middle)
    .first<{ email: string; iid: string; messageId: string; occurredAt: number }>()
  if (!event) throw new Error('nothing is stored that could be asked about')
  const day = new Date(event.occurredAt).toISOString().slice(0, 10)
  return { ...event, contactId, day }
}

/** A question of each kind. */
export function listQuestions({ contactId, email, iid, messageId, day }: Subject): Question[] {
  const month = `since=${day}&until=${new Date(Date.parse(day) + 30 * 86_400_000).toISOString().slice(0, 10)}`
  return [
    { name: 'newest page', path: `/activity?limit=${LIMIT}`, rowsWanted: LIMIT + 10 },
    {
      name: "one contact's page",
      path: `/activity?limit=${LIMIT}&contactId=${contactId}`,
      rowsWanted: 2 * LIMIT + 10,
    },
    {
      name: 'a rare status',
      path: `/activity?limit=${LIMIT}&activityStatus=SPAM`,
      rowsWanted: 2 * LIMIT + 10,
    },
    { name: 'a filter without an index', path: `/activity?limit=${LIMIT}&messageId=${messageId}` },
    { name: 'a contact and its names', path: `/contacts/${contactId}` },
    { name: 'a contact by email', path: `/contacts?email=${encodeURIComponent(email)}` },
    { name: 'a delivery by iid', path: `/deliveries/${iid}` },
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

/** Rows that D1 reads for an answer. */
export async function countRowsRead(server: Server, path: string): Promise<number> {
  let rowsRead = 0
  const note = <Result extends { meta: D1Meta }>(result: Result) => {
    rowsRead += result.meta.rows_read
    return result
  }
  const db = await server.database()
  const env = { ...server.settings, DB: countingDatabase(db, note) }
  const headers = { Authorization: `Bearer ${env.READ_TOKEN}` }
  const answer = await api.request(path, { headers }, env)
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`)
  await answer.text()
  return rowsRead
}

type Note = <Result extends { meta: D1Meta }>(result: Result) => Result

function countingDatabase(db: D1Database, note: Note): D1Database {
  const wrap = (statement: D1PreparedStatement): object => ({
    statement,
    bind: (...values: unknown[]) => wrap(statement.bind(...values)),
    all: async () => note(await statement.all()),
    first: async (column?: string) => {
      const [row] = note(await statement.all()).results
      return row === undefined ? null : column === undefined ? row : row[column]
    },
  })
  const batch = async (statements: { statement: D1PreparedStatement }[]) =>
    (await db.batch(statements.map(({ statement }) => statement))).map(note)
  return { prepare: (sql: string) => wrap(db.prepare(sql)), batch } as unknown as D1Database
}
