import { Buffer } from 'node:buffer'
import { digest128 } from '../activity/identity.ts'
import { Refusal } from '../refusal.ts'
import { storeMessages } from '../store/attempt.ts'
import { encodeSetAside, packMessages, type Arrival } from '../store/message.ts'
import { join, readChunk, type OversizedBody } from './body.ts'
import { refuseAtFirst } from './refuse-at-first.ts'
import type { Rejected } from './rejected.ts'

// What the statements of one invocation hold, and what can still be read as a whole.
const MAX_KEPT_BYTES = { free: 10_000_000, paid: 20_000_000 } as const

const MAX_DRAINED_BYTES = 100_000_000 // as much as the platform lets through
const HEAD_BYTES = 65_536
const PIECE_BYTES = 900_000 // of a statement's parameter, which D1 lets have 2 MB
const PIECE_LIMIT_MS = 10_000

/**
 * Refuses a body that is over the limit at first, see `refuseAtFirst`, and then sets it aside as it is, piece by
 * piece, so that it needs no memory.
 *
 * @returns what was set aside
 * @throws Refusal 413; 503 where the database does not take it
 */
export async function setOversizedAside(
  body: OversizedBody,
  db: D1Database,
  arrival: Arrival,
  { maxBytes, plan }: { maxBytes: number; plan: keyof typeof MAX_KEPT_BYTES },
): Promise<Rejected> {
  const head = await readHead(body)
  const request = digest128(Buffer.concat([head, Buffer.from(` of ${body.bytes ?? 'many'} bytes`)]))
  await refuseAtFirst(db, request, refuse(body, maxBytes)).catch(async (error: unknown) => {
    await drain(body)
    throw error
  })
  const most = MAX_KEPT_BYTES[plan]
  const reason = describe(body, maxBytes, most)
  let part = 0
  for await (const piece of cut(body, most)) {
    const sent = Buffer.from(piece).toString('latin1')
    const item = { kind: 'bodyBytes', request, elementIndex: 0, reason, sent } as const
    const parts = encodeSetAside(item, part)
    part += parts.length
    await store(db, packMessages(arrival, [], parts))
  }
  return { index: 0, reason }
}

function refuse({ isGzip }: OversizedBody, maxBytes: number): Refusal {
  const message = `The body${isGzip ? ', inflated,' : ''} is larger than ${maxBytes} bytes. MAX_BODY_BYTES raises the limit.`
  return new Refusal(413, 'body_too_large', message, { details: { maxBytes } })
}

function describe({ bytes, isGzip }: OversizedBody, maxBytes: number, most: number): string {
  const limit = `larger than ${maxBytes} bytes (MAX_BODY_BYTES)`
  if (isGzip) return `the body is gzip, and inflated it is ${limit}`
  if (bytes === undefined) return `the body is ${limit}; of its bytes at most ${most} are kept`
  const kept = bytes > most ? `, of which the first ${most} are kept` : ''
  return `the body is ${limit}: it has ${bytes}${kept}`
}

/** The beginning of a body, by which it is known again. */
async function readHead({ read, rest }: OversizedBody): Promise<Uint8Array> {
  while (rest && lengthOf(read) < HEAD_BYTES) {
    const chunk = await readChunk(rest)
    if (!chunk) break
    read.push(chunk)
  }
  return join(read).subarray(0, HEAD_BYTES)
}

/** A body in pieces of the same size. @param most bytes of it */
async function* cut({ read, rest }: OversizedBody, most: number): AsyncGenerator<Uint8Array> {
  let waiting = read
  try {
    for (let left = most; left > 0;) {
      for (let length = lengthOf(waiting); rest && length < PIECE_BYTES;) {
        const chunk = await readChunk(rest)
        if (!chunk) break
        waiting.push(chunk)
        length += chunk.byteLength
      }
      const whole = join(waiting)
      const piece = whole.subarray(0, Math.min(PIECE_BYTES, left))
      if (piece.byteLength === 0) return
      yield piece
      left -= piece.byteLength
      waiting = [whole.subarray(piece.byteLength)]
    }
  } finally {
    await drain({ rest })
  }
}

/** Reads to the end: who is still sending when the answer comes may never see it. */
async function drain({ rest }: Pick<OversizedBody, 'rest'>): Promise<void> {
  for (let left = MAX_DRAINED_BYTES; rest && left > 0;) {
    const chunk = await readChunk(rest)
    if (!chunk) return
    left -= chunk.byteLength
  }
  await rest?.cancel()
}

function lengthOf(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, { byteLength }) => sum + byteLength, 0)
}

async function store(db: D1Database, texts: readonly string[]): Promise<void> {
  const items = texts.map((text) => ({ text, lastTry: true }))
  const { outcomes, faults } = await storeMessages(db, items, PIECE_LIMIT_MS)
  if (!outcomes.includes('failed')) return
  throw new Refusal(
    503,
    'unavailable',
    'The database does not take the body right now. Send it again later.',
    { headers: { 'Retry-After': '60' }, log: { faults } },
  )
}
