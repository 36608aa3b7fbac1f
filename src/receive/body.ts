import { Refusal } from '../refusal.ts'

/**
 * The bytes of a request's body. One that does not say how long it is, is counted up to the limit.
 *
 * @throws Refusal 413 over the limit, 400 where the transfer broke off
 */
export async function readBody(request: Request, maxBytes: number): Promise<Uint8Array> {
  const declared = request.headers.get('Content-Length')
  if (!/^\d+$/.test(declared ?? '')) return readCounting(request, maxBytes)
  if (Number(declared) > maxBytes) throw tooLarge(maxBytes)
  // HTTP lets no more through than was declared, and what comes whole is read in half the time.
  const body = new Uint8Array(await request.arrayBuffer().catch(refuseBrokenTransfer))
  if (body.byteLength > maxBytes) throw tooLarge(maxBytes)
  return body
}

async function readCounting(request: Request, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = request.body?.getReader()
  while (reader) {
    const { done, value } = await reader.read().catch(refuseBrokenTransfer)
    if (done) break
    length += value.byteLength
    if (length > maxBytes) {
      await reader.cancel()
      throw tooLarge(maxBytes)
    }
    chunks.push(value)
  }
  const [only] = chunks
  if (chunks.length === 1 && only) return only
  const body = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    body.set(chunk, offset)
    offset += chunk.byteLength
  }
  return body
}

function tooLarge(maxBytes: number): Refusal {
  return new Refusal(
    413,
    'body_too_large',
    `The body is larger than ${maxBytes} bytes. MAX_BODY_BYTES raises the limit.`,
    { details: { maxBytes } },
  )
}

function refuseBrokenTransfer(): never {
  throw new Refusal(400, 'broken_transfer', 'The body broke off before its end. Send it again.')
}
