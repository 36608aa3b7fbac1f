import { Buffer } from 'node:buffer'
import { deflateRawSync } from 'node:zlib'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  decodeAvro,
  encodeAvro,
  type AvroRecord,
  type AvroValue,
} from '../../../src/archive/table/avro.ts'

const SCHEMA: AvroRecord = {
  type: 'record',
  name: 'row',
  fields: [
    { name: 'flag', type: 'boolean' },
    { name: 'integer', type: 'long' },
    { name: 'text', type: 'string' },
    { name: 'maybe', type: ['null', 'int'] },
    { name: 'list', type: { type: 'array', items: 'bytes' } },
    {
      name: 'inner',
      type: { type: 'record', name: 'inner', fields: [{ name: 'integer', type: 'long' }] },
    },
  ],
}

const ROW = fc.record({
  flag: fc.boolean(),
  integer: fc.maxSafeInteger(),
  text: fc.string({ unit: 'binary' }),
  maybe: fc.option(fc.maxSafeInteger()),
  list: fc.array(fc.uint8Array()),
  inner: fc.record({ integer: fc.constantFrom(0, -1, 63, 64, -64, -65, 2 ** 31, -(2 ** 52)) }),
})

it('reads what it wrote', () => {
  fc.assert(
    fc.property(fc.array(ROW), (rows) => {
      const { rows: found } = decodeAvro(encodeAvro(SCHEMA, {}, rows))
      expect(found).toEqual(rows)
    }),
  )
})

it('keeps the metadata, in any alphabet', () => {
  const metadata = { schema: '{"a":"крамниця"}', empty: '' }
  const found = decodeAvro(encodeAvro(SCHEMA, metadata, [])).metadata
  expect(Object.fromEntries(found)).toMatchObject(metadata)
})

it('reads compressed blocks of other programs', () => {
  const simple: AvroRecord = {
    type: 'record',
    name: 'one',
    fields: [{ name: 'text', type: 'string' }],
  }
  const plain = encodeAvro(simple, {}, [])
  const header = Buffer.from(
    Buffer.from(plain).toString('latin1').replace('\bnull', '\x0edeflate'),
    'latin1',
  )
  const block = deflateRawSync(Buffer.from('\x04hi\x06you', 'latin1'))
  const sync = header.subarray(-16)
  const file = Buffer.concat([header, Buffer.from([4, block.length * 2]), block, sync])
  expect(decodeAvro(file).rows).toEqual([{ text: 'hi' }, { text: 'you' }])
})

it('rejects what is not an Avro file, or is cut off', () => {
  expect(() => decodeAvro(new TextEncoder().encode('not one'))).toThrow('not an Avro file')
  const whole = encodeAvro(SCHEMA, {}, fc.sample(ROW, 3))
  for (let length = 4; length < whole.length; length += 7) {
    const isBetweenBlocks = decodesToNothing(whole.subarray(0, length))
    if (!isBetweenBlocks) expect(() => decodeAvro(whole.subarray(0, length))).toThrow()
  }
})

/** Whether a file ends right after its header, which is valid. */
function decodesToNothing(bytes: Uint8Array): boolean {
  try {
    return decodeAvro<AvroValue>(bytes).rows.length === 0
  } catch {
    return false
  }
}

it('writes no value of another type', () => {
  const wrong = {
    flag: true,
    integer: 2 ** 53,
    text: '',
    maybe: null,
    list: [],
    inner: { integer: 0 },
  }
  expect(() => encodeAvro(SCHEMA, {}, [wrong])).toThrow("not of Avro's type long")
})
