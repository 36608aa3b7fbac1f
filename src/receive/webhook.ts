import { Buffer } from 'node:buffer'
import type { Context } from 'hono'
import { createIdentifier, digest128, type Identify } from '../activity/identity.ts'
import { normalize } from '../activity/normalize.ts'
import { webhookSettings, type WebhookSettings } from '../settings.ts'
import { toRow } from '../store/columns.ts'
import {
  encodeSetAside,
  MAX_MESSAGE_BYTES,
  MAX_QUEUED_BYTES,
  MAX_ROW_BYTES,
  packMessages,
  type SetAside,
} from '../store/message.ts'
import { authenticate } from './authenticate.ts'
import { readBody } from './body.ts'
import { MAX_ELEMENTS, NOT_UTF8, parseElements, TOO_MANY, type Elements } from './elements.ts'
import { handOver } from './hand-over.ts'

const SMALL_BODY_BYTES = 65_536

/**
 * Takes a request of Yespo's: answers 200, and nothing else counts as taken, once every element of
 * the body is durable, be it as an activity or set aside. Never refuses a request for one element:
 * Yespo would repeat it for ever and hold back all that comes after.
 *
 * @throws Refusal 401, 403, 413, 400 or 503
 */
export async function receiveWebhook(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { env, req } = context
  const settings = webhookSettings(env)
  authenticate(req.raw.headers, settings)
  const body = await readBody(req.raw, settings.maxBodyBytes)
  const elements = parseElements(body)
  const arrival = {
    receivedAt: Date.now(),
    origin: 'webhook',
    labels: readLabels(req.raw.headers, settings.labelHeaders),
  } as const
  const maxRowBytes = MAX_ROW_BYTES - JSON.stringify(arrival).length * 3
  const { rows, rejected } = sortOut(elements, settings.timeZone, maxRowBytes)
  const setAside = describeRejected(rejected, elements, body).flatMap(encodeSetAside)
  // A small body is one message, even where its rows take more room than it did.
  const maxBytes = body.byteLength <= SMALL_BODY_BYTES ? MAX_QUEUED_BYTES : MAX_MESSAGE_BYTES
  const messages = packMessages(arrival, rows, setAside, maxBytes)
  await handOver(messages, env.ACTIVITY_QUEUE, env.DB)
  return context.json({
    received: elements.count,
    accepted: rows.length,
    quarantined: rejected,
  })
}

type Rejected = { index: number; reason: string }

function sortOut(
  { values }: Elements,
  zone: string,
  maxRowBytes: number,
): { rows: string[]; rejected: Rejected[] } {
  const identify = createIdentifier()
  const rows: string[] = []
  const rejected: Rejected[] = []
  for (const [index, value] of values.entries()) {
    const result = toRowText(value, identify, zone, maxRowBytes)
    if ('row' in result) rows.push(result.row)
    else rejected.push({ index, reason: result.reason })
  }
  return { rows, rejected }
}

function toRowText(
  value: unknown,
  identify: Identify,
  zone: string,
  maxBytes: number,
): { row: string } | { reason: string } {
  if (value === NOT_UTF8) return { reason: 'the event has bytes that are not UTF-8' }
  if (value === TOO_MANY) {
    return { reason: `this and all that follow are beyond ${MAX_ELEMENTS} events in one request` }
  }
  const result = normalize(value, identify, zone)
  if ('reason' in result) return result
  const row = JSON.stringify(toRow(result.activity))
  // Three bytes a character at the most: only what could be too large is measured.
  if (row.length * 3 > maxBytes && Buffer.byteLength(row) > maxBytes) {
    return { reason: `the event is larger than ${MAX_ROW_BYTES} bytes` }
  }
  return { row }
}

function describeRejected(
  rejected: readonly Rejected[],
  { values, sourceOf }: Elements,
  body: Uint8Array,
): SetAside[] {
  if (rejected.length === 0) return []
  const request = digest128(body)
  return rejected.map(({ index, reason }) => ({
    kind: kindOf(values[index]),
    request,
    elementIndex: index,
    reason,
    sent: sourceOf(index),
  }))
}

function kindOf(value: unknown): SetAside['kind'] {
  if (value === NOT_UTF8) return 'bytes'
  return value === TOO_MANY ? 'rest' : 'element'
}

function readLabels(headers: Headers, names: WebhookSettings['labelHeaders']): string | null {
  const labels = names.flatMap((name) => {
    const value = headers.get(name)
    return value === null ? [] : [[name, value]]
  })
  return labels.length > 0 ? JSON.stringify(Object.fromEntries(labels)) : null
}
