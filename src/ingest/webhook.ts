import type { Context } from 'hono'
import { digest128 } from '../event/identity.ts'
import { HttpError } from '../platform/http-error.ts'
import { operateSettings, webhookSettings, type WebhookSettings } from '../settings/settings.ts'
import type { Envelope } from '../event/message.ts'
import { checkThrottled } from '../http/rate-limit.ts'
import { authenticate } from './authenticate.ts'
import { digestContent, readBody } from './read-body.ts'
import type { BodyError } from './body-error.ts'
import { chooseQueues, enqueue } from './enqueue.ts'
import { receiveBody, type Receipt } from './receive-body.ts'

/** More takes more processor time to inflate than the free plan has; Yespo sends no gzip. */
const MAX_INFLATED_BYTES = { free: 2_000_000, paid: Infinity } as const

/**
 * Receives a request from Yespo. Responds 200, the only status that means accepted, once every element of the body is
 * durable: as an event, in quarantine, or deferred, if the body is so large that the consumer checks them. Never rejects
 * a request because of one element, nor forever: Yespo would repeat it and hold back everything behind it.
 *
 * @throws HttpError 401, 403, 429, 413, 400 or 503
 */
export async function receiveWebhook({ env, req }: Context<{ Bindings: Env }>): Promise<Receipt> {
  const settings = webhookSettings(env)
  const { plan } = operateSettings(env)
  const { headers } = req.raw
  await checkThrottled(() => authenticate(headers, settings), env.FAILED_CREDENTIALS, headers)
  const { timeZone, maxBodyBytes: maxBytes } = settings
  const limits = { maxBytes, maxInflatedBytes: Math.min(maxBytes, MAX_INFLATED_BYTES[plan]) }
  const body = await readBody(req.raw, limits)
  const labels = readLabels(headers, settings.labelHeaders)
  const envelope: Envelope = { receivedAt: Date.now(), origin: 'webhook', labels }
  if (!(body instanceof Uint8Array)) {
    const { quarantineOversized } = await import('./quarantine-oversized.ts')
    const rejected = await quarantineOversized(body, env.DB, envelope, limits, plan)
    return { received: 0, accepted: 0, quarantined: [rejected], deferred: 0 }
  }
  const rejectBroken = async (error: BodyError) => {
    const content = (await digestContent(body, limits.maxInflatedBytes)) ?? digest128(body)
    const { rejectAtFirst } = await import('./reject-at-first.ts')
    await rejectAtFirst(env.DB, content, toHttpError(error, headers))
  }
  const { messages, receipt } = await receiveBody(body, envelope, { plan, timeZone, rejectBroken })
  await enqueue(messages, chooseQueues(env, plan), env.DB)
  return receipt
}

const OTHER_ENCODINGS = ['br', 'compress', 'deflate', 'zstd']

function toHttpError({ message, details }: BodyError, headers: Headers): HttpError {
  const encoding = headers.get('Content-Encoding')?.trim().toLowerCase() ?? ''
  const isOther = OTHER_ENCODINGS.includes(encoding)
  const hint = isOther ? ` Content-Encoding is ${encoding}: send it plain, or as gzip.` : ''
  return new HttpError(400, 'not_json', message + hint, { details })
}

function readLabels(headers: Headers, names: WebhookSettings['labelHeaders']): string | null {
  const labels = names.flatMap((name) => {
    const value = headers.get(name)
    return value === null ? [] : [[name, value]]
  })
  return labels.length > 0 ? JSON.stringify(Object.fromEntries(labels)) : null
}
