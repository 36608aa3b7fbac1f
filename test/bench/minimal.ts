import { Hono } from 'hono'

/** A Worker that only parses the JSON and responds: the limit of any receiver. */
export default new Hono().post('/webhooks/yespo', async (context) => {
  const events = await context.req.json<unknown[]>()
  return context.json({ received: events.length })
})
