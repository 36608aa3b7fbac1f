import { Hono } from 'hono'

type Bindings = { QUEUE: Queue<Event>; DB: D1Database }

type Event = Readonly<Record<string, unknown>>

/** The table of common examples. */
export const TUTORIAL_SCHEMA = [
  `CREATE TABLE events (
    id TEXT PRIMARY KEY, contact_id INTEGER, status TEXT, occurred_at TEXT, payload TEXT
  )`,
  'CREATE INDEX events_by_contact ON events (contact_id)',
  'CREATE INDEX events_by_time ON events (occurred_at)',
]

/** Saves one event, without checking whether it exists. */
export function insertEvent(db: D1Database, event: Event): D1PreparedStatement {
  return db
    .prepare(
      'INSERT INTO events (id, contact_id, status, occurred_at, payload) VALUES (?, ?, ?, ?, ?)',
    )
    .bind(
      crypto.randomUUID(),
      event['contactId'] ?? null,
      event['activityStatus'] ?? null,
      event['activityDateTime'] ?? null,
      JSON.stringify(event),
    )
}

const app = new Hono<{ Bindings: Bindings }>().post('/webhooks/yespo', async (context) => {
  const events = await context.req.json<Event[]>()
  for (const event of events) await context.env.QUEUE.send(event)
  return context.json({ received: events.length })
})

/** A Worker like common examples: a message for each event, and a statement for each message. */
export default {
  fetch: app.fetch,
  async queue(batch, env) {
    for (const message of batch.messages) {
      await insertEvent(env.DB, message.body).run()
      message.ack()
    }
  },
} satisfies ExportedHandler<Bindings, Event>
