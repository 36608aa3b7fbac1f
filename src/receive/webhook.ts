import type { Context } from 'hono'
import { webhookSettings, type WebhookSettings } from '../settings.ts'
import { checkThrottled } from '../throttle.ts'
import { authenticate } from './authenticate.ts'
import { readBody } from './body.ts'
import { handOver } from './hand-over.ts'
import { prepare } from './prepare.ts'

/**
 * Takes a request of Yespo's: answers 200, and nothing else counts as taken, once every element of
 * the body is durable, be it as an activity or set aside. Never refuses a request for one element:
 * Yespo would repeat it for ever and hold back all that comes after.
 *
 * @throws Refusal 401, 403, 429, 413, 400 or 503
 */
export async function receiveWebhook(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { env, req } = context
  const settings = webhookSettings(env)
  const { headers } = req.raw
  await checkThrottled(() => authenticate(headers, settings), env.FAILED_CREDENTIALS, headers)
  const body = await readBody(req.raw, settings.maxBodyBytes)
  const labels = readLabels(headers, settings.labelHeaders)
  const arrival = { receivedAt: Date.now(), origin: 'webhook', labels } as const
  const { messages, received, accepted, quarantined } = prepare(body, arrival, settings.timeZone)
  await handOver(messages, env.ACTIVITY_QUEUE, env.DB)
  return context.json({ received, accepted, quarantined })
}

function readLabels(headers: Headers, names: WebhookSettings['labelHeaders']): string | null {
  const labels = names.flatMap((name) => {
    const value = headers.get(name)
    return value === null ? [] : [[name, value]]
  })
  return labels.length > 0 ? JSON.stringify(Object.fromEntries(labels)) : null
}
