import { createHash } from 'node:crypto'
import type { Clock } from '../clock.ts'

type Stored = {
  key: string
  bytes: Uint8Array<ArrayBuffer>
  etag: string
  version: string
  uploaded: Date
  httpMetadata: R2HTTPMetadata
  customMetadata: Record<string, string>
}

const MAX_LISTED = 1_000

/** A bucket in memory. Objects are as they were put: later changes of a buffer do not reach them. */
export function memoryR2(clock: Clock): R2Bucket {
  const objects = new Map<string, Stored>()
  let versions = 0
  const bucket = {
    head: async (key: string) => {
      const stored = objects.get(key)
      return stored ? describe(stored) : null
    },
    get: async (key: string, options: R2GetOptions = {}) => {
      const stored = objects.get(key)
      if (!stored) return null
      if (!meets(stored, options.onlyIf)) return describe(stored)
      const { offset, length } = toRange(options.range, stored.bytes.length)
      const content = stored.bytes.slice(offset, offset + length)
      return { ...describe(stored), range: { offset, length }, ...toBody(content) }
    },
    put: async (key: string, value: unknown, options: R2PutOptions = {}) => {
      if (options.onlyIf && !meets(objects.get(key), options.onlyIf)) return null
      const bytes = await toBytes(value)
      const stored: Stored = {
        key,
        bytes,
        etag: createHash('md5').update(bytes).digest('hex'),
        version: String(++versions),
        uploaded: new Date(clock.now()),
        httpMetadata: (options.httpMetadata ?? {}) as R2HTTPMetadata,
        customMetadata: options.customMetadata ?? {},
      }
      objects.set(key, stored)
      return describe(stored)
    },
    delete: async (keys: string | string[]) => {
      for (const key of [keys].flat()) objects.delete(key)
    },
    list: async ({
      prefix = '',
      cursor,
      startAfter,
      limit = MAX_LISTED,
      delimiter,
    }: R2ListOptions = {}) => {
      const after = cursor ?? startAfter ?? ''
      const folderOf = (key: string) => {
        const end = delimiter ? key.indexOf(delimiter, prefix.length) : -1
        return end < 0 ? undefined : key.slice(0, end + (delimiter ?? '').length)
      }
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort()
      const page = keys.slice(0, Math.min(limit, MAX_LISTED))
      const truncated = page.length < keys.length
      const found = page.flatMap((key) => {
        const stored = objects.get(key)
        return stored && folderOf(key) === undefined ? [describe(stored)] : []
      })
      const folders = page.map(folderOf).filter((folder) => folder !== undefined)
      return {
        objects: found,
        delimitedPrefixes: [...new Set(folders)],
        truncated,
        ...(truncated && { cursor: page.at(-1) }),
      }
    },
  }
  return bucket as unknown as R2Bucket
}

function describe({ bytes, etag, ...rest }: Stored): object {
  return {
    ...rest,
    size: bytes.length,
    etag,
    httpEtag: `"${etag}"`,
    storageClass: 'Standard',
    checksums: {},
    writeHttpMetadata: (headers: Headers) => {
      const { contentType } = rest.httpMetadata
      if (contentType) headers.set('Content-Type', contentType)
    },
  }
}

function toBody(bytes: Uint8Array<ArrayBuffer>): object {
  const text = () => new TextDecoder().decode(bytes)
  return {
    get body() {
      return new Response(bytes).body
    },
    bodyUsed: false,
    arrayBuffer: async () => bytes.slice().buffer,
    bytes: async () => bytes.slice(),
    text: async () => text(),
    json: async () => JSON.parse(text()) as unknown,
    blob: async () => new Blob([bytes]),
  }
}

/** Without an object, only `etagDoesNotMatch` can hold. */
function meets(stored: Stored | undefined, condition: R2Conditional | Headers = {}): boolean {
  if (condition instanceof Headers) throw new TypeError('conditions as headers are not simulated')
  const { etagMatches, etagDoesNotMatch, uploadedBefore, uploadedAfter } = condition
  const matches = (etag: string) => stored !== undefined && (etag === '*' || etag === stored.etag)
  if (etagMatches !== undefined && !matches(etagMatches)) return false
  if (etagDoesNotMatch !== undefined && matches(etagDoesNotMatch)) return false
  if (uploadedBefore && !(stored && stored.uploaded < uploadedBefore)) return false
  return !uploadedAfter || (stored !== undefined && stored.uploaded > uploadedAfter)
}

function toRange(
  range: R2Range | Headers | undefined,
  size: number,
): { offset: number; length: number } {
  if (range === undefined) return { offset: 0, length: size }
  if (range instanceof Headers) throw new TypeError('ranges as headers are not simulated')
  if ('suffix' in range) {
    const length = Math.min(range.suffix, size)
    return { offset: size - length, length }
  }
  const offset = range.offset ?? 0
  if (offset > size) throw new Error('get: The requested range is not satisfiable (10039)')
  return { offset, length: Math.min(range.length ?? size, size - offset) }
}

async function toBytes(value: unknown): Promise<Uint8Array<ArrayBuffer>> {
  if (value === null) return new Uint8Array(0)
  if (typeof value === 'string') return new Uint8Array(new TextEncoder().encode(value))
  if (value instanceof ArrayBuffer) return new Uint8Array(value.slice(0))
  if (ArrayBuffer.isView(value)) {
    const bytes = new Uint8Array(value.byteLength)
    bytes.set(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
    return bytes
  }
  return new Uint8Array(await new Response(value as BodyInit).arrayBuffer())
}
