import type { Context } from 'hono'
import { digest128 } from '../activity/identity.ts'
import { Refusal } from '../refusal.ts'
import { operateSettings, webhookSettings, type WebhookSettings } from '../settings.ts'
import type { Arrival } from '../store/message.ts'
import { checkThrottled } from '../throttle.ts'
import { authenticate } from './authenticate.ts'
import { readBody } from './body.ts'
import type { BodyFault } from './body-fault.ts'
import { digestContent } from './digest-content.ts'
import { Elements } from './elements.ts'
import { handOver } from './hand-over.ts'
import { setOversizedAside } from './oversized.ts'
import { prepare } from './prepare.ts'
import { refuseAtFirst } from './refuse-at-first.ts'

/**
 * Takes a request of Yespo's: answers 200, and nothing else counts as taken, once every element of
 * the body is durable, be it as an activity or set aside. Never refuses a request for one element, nor for
 * ever: Yespo would repeat it and hold back all that comes after.
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
  const arrival: Arrival = { receivedAt: Date.now(), origin: 'webhook', labels }
  if (!(body instanceof Uint8Array)) {
    const limits = { maxBytes: settings.maxBodyBytes, plan: operateSettings(env).plan }
    const rejected = await setOversizedAside(body, env.DB, arrival, limits)
    return context.json({ received: 0, accepted: 0, quarantined: [rejected] })
  }
  const elements = new Elements(body)
  const { fault } = elements
  if (fault) {
    const content = (await digestContent(body, settings.maxBodyBytes)) ?? digest128(body)
    await refuseAtFirst(env.DB, content, toRefusal(fault, headers))
  }
  const { messages, received, accepted, quarantined } = prepare(
    elements,
    arrival,
    settings.timeZone,
  )
  await handOver(messages, env.ACTIVITY_QUEUE, env.DB)
  return context.json({ received, accepted, quarantined })
}

const OTHER_ENCODINGS = ['br', 'compress', 'deflate', 'zstd']

function toRefusal({ message, details }: BodyFault, headers: Headers): Refusal {
  const encoding = headers.get('Content-Encoding')?.trim().toLowerCase() ?? ''
  const isOther = OTHER_ENCODINGS.includes(encoding)
  const hint = isOther ? ` Content-Encoding is ${encoding}: send it plain, or as gzip.` : ''
  return new Refusal(400, 'not_json', message + hint, { details })
}

function readLabels(headers: Headers, names: WebhookSettings['labelHeaders']): string | null {
  const labels = names.flatMap((name) => {
    const value = headers.get(name)
    return value === null ? [] : [[name, value]]
  })
  return labels.length > 0 ? JSON.stringify(Object.fromEntries(labels)) : null
}
