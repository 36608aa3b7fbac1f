import { Hono } from 'hono'

/** The door's limit: what any receiver has to do, and nothing else. */
export default new Hono().post('/webhooks/yespo', async (context) => {
  const events = await context.req.json<unknown[]>()
  return context.json({ received: events.length })
})
