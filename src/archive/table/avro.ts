import { inflateRawSync } from 'node:zlib'

/** A schema of Avro, of the types that Iceberg's manifests are made of. */
export type AvroSchema =
  | 'null'
  | 'boolean'
  | 'int'
  | 'long'
  | 'bytes'
  | 'string'
  | readonly ['null', AvroSchema]
  | { readonly type: 'array'; readonly items: AvroSchema }
  | AvroRecord

export type AvroRecord = {
  readonly type: 'record'
  readonly name: string
  readonly fields: readonly { readonly name: string; readonly type: AvroSchema }[]
}

/** A value: `int` and `long` are safe integers, and an optional value that is missing is null. */
export type AvroValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly AvroValue[]
  | { readonly [field: string]: AvroValue }

/** The records of a file, and its metadata. */
export type AvroFile<Row> = { metadata: ReadonlyMap<string, string>; rows: Row[] }

const MAGIC = [0x4f, 0x62, 0x6a, 0x01] // "Obj", version 1
const SYNC_BYTES = 16
const MAX_INTEGER_BYTES = 10

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** An Avro object container file, not compressed. @param metadata in addition to Avro's own */
export function encodeAvro(
  schema: AvroRecord,
  metadata: Readonly<Record<string, string>>,
  rows: readonly AvroValue[],
): Uint8Array {
  const sync = crypto.getRandomValues(new Uint8Array(SYNC_BYTES))
  const entries = Object.entries(metadata)
  entries.push(['avro.schema', JSON.stringify(schema)], ['avro.codec', 'null'])
  const file = new AvroWriter()
  file.append(new Uint8Array(MAGIC))
  file.writeInteger(entries.length)
  for (const entry of entries) for (const text of entry) file.write('string', text)
  file.writeInteger(0)
  file.append(sync)
  if (rows.length > 0) {
    const block = new AvroWriter()
    for (const row of rows) block.write(schema, row)
    file.writeInteger(rows.length)
    file.write('bytes', block.bytes())
    file.append(sync)
  }
  return file.bytes()
}

/**
 * Reads an Avro object container file by its own schema.
 *
 * @throws Error if it is not one, or has types or a compression that are unknown here
 */
export function decodeAvro<Row>(bytes: Uint8Array): AvroFile<Row> {
  const file = new AvroReader(bytes)
  if (MAGIC.some((byte) => file.readByte() !== byte)) throw new Error('It is not an Avro file.')
  const metadata = new Map<string, string>()
  for (let count = file.readCount(); count > 0; count = file.readCount()) {
    for (let index = 0; index < count; index++) metadata.set(file.readText(), file.readText())
  }
  file.take(SYNC_BYTES)
  const schema = JSON.parse(metadata.get('avro.schema') ?? '') as AvroSchema
  const open = DECOMPRESS[metadata.get('avro.codec') ?? 'null']
  if (!open) throw new Error(`The compression ${metadata.get('avro.codec')} is unknown.`)
  const rows: Row[] = []
  while (!file.isAtEnd()) {
    const count = file.readInteger()
    const block = new AvroReader(open(file.take(file.readInteger())))
    // One reasoned cast: the caller knows what the file is.
    for (let index = 0; index < count; index++) rows.push(block.read(schema) as Row)
    file.take(SYNC_BYTES)
  }
  return { metadata, rows }
}

const DECOMPRESS: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  null: (bytes) => bytes,
  deflate: (bytes) => inflateRawSync(bytes),
}

class AvroWriter {
  #buffer = new Uint8Array(4_096)
  #length = 0

  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length)
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#buffer.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** An integer, zigzag: small ones are short, and the lowest bit is the sign. */
  writeInteger(integer: number): void {
    this.#reserve(MAX_INTEGER_BYTES)
    // Not by shifts, which have only 32 bits.
    const magnitude = integer < 0 ? -integer - 1 : integer
    let group = (magnitude % 0x40) * 2 + (integer < 0 ? 1 : 0)
    let rest = Math.floor(magnitude / 0x40)
    while (rest > 0) {
      this.#buffer[this.#length++] = group + 0x80
      group = rest % 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.#buffer[this.#length++] = group
  }

  write(schema: AvroSchema, value: AvroValue | undefined): void {
    if (typeof schema === 'string') return this.#writeSimple(schema, value)
    if (!('type' in schema)) {
      const isNull = value === null || value === undefined
      this.writeInteger(isNull ? 0 : 1)
      if (!isNull) this.write(schema[1], value)
    } else if (schema.type === 'array') {
      if (!Array.isArray(value)) throw new TypeError('An array is missing.')
      if (value.length > 0) this.writeInteger(value.length)
      for (const item of value) this.write(schema.items, item)
      this.writeInteger(0)
    } else {
      const record = value as { readonly [field: string]: AvroValue }
      for (const { name, type } of schema.fields) this.write(type, record[name])
    }
  }

  #writeSimple(schema: string, value: AvroValue | undefined): void {
    if (typeof value === 'boolean') this.append(new Uint8Array([value ? 1 : 0]))
    else if (typeof value === 'number' && Number.isSafeInteger(value)) this.writeInteger(value)
    else if (typeof value === 'string') this.#writeBytes(encoder.encode(value))
    else if (value instanceof Uint8Array) this.#writeBytes(value)
    else throw new TypeError(`A value is not of Avro's type ${schema}.`)
  }

  #writeBytes(bytes: Uint8Array): void {
    this.writeInteger(bytes.length)
    this.append(bytes)
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes
    if (needed <= this.#buffer.length) return
    const larger = new Uint8Array(Math.max(needed, this.#buffer.length * 2))
    larger.set(this.#buffer)
    this.#buffer = larger
  }
}

class AvroReader {
  readonly #bytes: Uint8Array
  #offset = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  isAtEnd(): boolean {
    return this.#offset >= this.#bytes.length
  }

  readByte(): number {
    const byte = this.#bytes[this.#offset++]
    if (byte === undefined) throw new Error('The Avro file is cut off.')
    return byte
  }

  take(length: number): Uint8Array {
    const end = this.#offset + length
    if (!(length >= 0) || end > this.#bytes.length) throw new Error('The Avro file is cut off.')
    const taken = this.#bytes.subarray(this.#offset, end)
    this.#offset = end
    return taken
  }

  readInteger(): number {
    let byte = this.readByte()
    const isNegative = byte % 2 === 1
    let magnitude = (byte % 0x80) >> 1
    for (let unit = 0x40; byte >= 0x80; unit *= 0x80) {
      byte = this.readByte()
      magnitude += (byte % 0x80) * unit
    }
    return isNegative ? -magnitude - 1 : magnitude
  }

  readText(): string {
    return decoder.decode(this.take(this.readInteger()))
  }

  /** The number of items that follow, in an array or a map; 0 at its end. */
  readCount(): number {
    const count = this.readInteger()
    if (count >= 0) return count
    this.readInteger() // their size in bytes
    return -count
  }

  read(schema: AvroSchema): AvroValue {
    if (typeof schema === 'string') return this.#readSimple(schema)
    if (!('type' in schema)) return this.read(schema[this.readInteger()] ?? 'null')
    if (schema.type === 'array') return this.#readArray(schema.items)
    if (schema.type !== 'record') return this.read((schema as { type: AvroSchema }).type)
    const record: Record<string, AvroValue> = {}
    for (const { name, type } of schema.fields) record[name] = this.read(type)
    return record
  }

  #readArray(items: AvroSchema): AvroValue[] {
    const values: AvroValue[] = []
    for (let count = this.readCount(); count > 0; count = this.readCount()) {
      for (let index = 0; index < count; index++) values.push(this.read(items))
    }
    return values
  }

  #readSimple(schema: string): AvroValue {
    switch (schema) {
      case 'null':
        return null
      case 'boolean':
        return this.readByte() !== 0
      case 'int':
      case 'long':
        return this.readInteger()
      case 'string':
        return this.readText()
      case 'bytes':
        return this.take(this.readInteger())
      default:
        throw new Error(`Avro's type ${schema} is unknown here.`)
    }
  }
}
