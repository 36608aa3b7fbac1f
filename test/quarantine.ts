import { env } from 'cloudflare:workers'
import { app } from '../src/routes.ts'
import {
  encodeQuarantined,
  packMessages,
  type Envelope,
  type QuarantinedItem,
} from '../src/event/message.ts'
import { saveMessages } from '../src/db/write/save-messages.ts'
import { faultyQueue } from './faulty.ts'

let made = 0

/** Quarantines an item; each is of another request unless the changes say otherwise. */
export async function quarantined(
  changes: Partial<QuarantinedItem & Envelope> & { sent: string },
): Promise<string> {
  made++
  const { receivedAt, origin, labels, ...element } = {
    kind: 'element' as const,
    reason: 'why',
    elementIndex: 0,
    receivedAt: 1_700_000_000_000 + made,
    origin: 'webhook' as const,
    labels: null,
    request: `request${String(made).padStart(15, '0')}`,
    ...changes,
  }
  const messages = packMessages({ receivedAt, origin, labels }, [], encodeQuarantined(element))
  await saveMessages(env.DB, messages)
  return `${element.request}.${element.elementIndex}`
}

/** Sends a request as the operator; events are stored directly, without the queue, and no task continues its work. */
export async function operate(
  method: string,
  path: string,
  changed: Partial<Env> = {},
  token = 'read-token-for-tests',
): Promise<Response> {
  const queues = { ACTIVITY_QUEUE: faultyQueue(new Error('down')), TASKS: faultyQueue(undefined) }
  const bindings = { ...env, ...queues, ...changed }
  return app.request(path, { method, headers: { Authorization: `Bearer ${token}` } }, bindings)
}

/** The response to `POST …/replay`. */
export type Replayed = {
  replayed: number
  events: number
  still: number
  next?: string | null
  reason?: string | null
}

/** A replay that succeeds. @param path after `/quarantine` */
export async function replay(path: string, changed: Partial<Env> = {}): Promise<Replayed> {
  const response = await operate('POST', `/quarantine${path}`, changed)
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`)
  return response.json()
}
