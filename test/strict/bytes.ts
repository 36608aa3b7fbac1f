const encoder = new TextEncoder()

/** The bytes of a text, as UTF-8, or of a buffer; 0 for any other value. */
export function byteLength(value: unknown): number {
  if (typeof value === 'string') return encoder.encode(value).byteLength
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return value.byteLength
  return 0
}
