import type { StoredMessage } from '../../db/local-queue.ts'

const ID_BYTES = 8

/** What a producer sends. */
export type Draft = Omit<MessageSendRequest, 'contentType'> & QueueSendOptions

/**
 * A producer's message in the form in which it is stored.
 *
 * @throws TypeError for the content type v8, which no SQL value can hold
 */
export function toStored(binding: string, draft: Draft, now: number): Omit<StoredMessage, 'id'> {
  const { body, contentType = 'json', delaySeconds = 0 } = draft
  return { binding, ...encode(body, contentType), dueAt: now + delaySeconds * 1_000 }
}

function encode(body: unknown, contentType: QueueContentType) {
  if (contentType === 'text') return { contentType, body: String(body) }
  if (contentType === 'json') return { contentType, body: JSON.stringify(body) }
  if (contentType === 'bytes') return { contentType, body: toBuffer(body) }
  throw new TypeError('The local queue takes text, json and bytes.')
}

/** A stored message with its ID inside, for the local queue to carry. */
export function seal(
  { id, contentType, body, dueAt }: StoredMessage,
  now: number,
): { body: unknown; contentType: QueueContentType; delaySeconds: number } {
  const delaySeconds = Math.max(0, Math.ceil((dueAt - now) / 1_000))
  if (typeof body === 'string') {
    return { body: `${id} ${contentType}\n${body}`, contentType: 'text', delaySeconds }
  }
  const bytes = new Uint8Array(ID_BYTES + body.byteLength)
  new DataView(bytes.buffer).setFloat64(0, id)
  bytes.set(new Uint8Array(body), ID_BYTES)
  return { body: bytes, contentType: 'bytes', delaySeconds }
}

/** The ID of a sealed message, and the body that its producer sent. */
export function open(sealed: unknown): { id: number; body: unknown } {
  if (typeof sealed === 'string') {
    const end = sealed.indexOf('\n')
    const [id, contentType] = sealed.slice(0, end).split(' ')
    const text = sealed.slice(end + 1)
    return { id: Number(id), body: contentType === 'json' ? JSON.parse(text) : text }
  }
  const buffer = toBuffer(sealed)
  return { id: new DataView(buffer).getFloat64(0), body: buffer.slice(ID_BYTES) }
}

function toBuffer(bytes: unknown): ArrayBuffer {
  if (bytes instanceof ArrayBuffer) return bytes
  if (ArrayBuffer.isView(bytes)) {
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength).slice().buffer
  }
  throw new TypeError('A message of bytes must be an ArrayBuffer or a view of one.')
}
