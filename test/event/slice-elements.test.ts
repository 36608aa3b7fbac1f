import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sliceBody, sliceElements } from '../../src/event/slice-elements.ts'

const slice = (text: string, max?: number, maxCount?: number) => {
  const bytes = Buffer.from(text)
  const { elements, ...found } = sliceBody(bytes, max, maxCount)
  return { ...found, texts: elements.map(({ start, end }) => bytes.toString('utf8', start, end)) }
}

describe('sliceElements', () => {
  it('splits an array into its elements', () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue({ stringUnit: 'binary' })),
        fc.constantFrom(0, 1, '\t', ' \n'),
        (elements, space) => {
          const slices = sliceElements(` ${JSON.stringify(elements, null, space)} `)
          expect(slices.map((each) => JSON.stringify(JSON.parse(each)))).toEqual(
            elements.map((element) => JSON.stringify(element)),
          )
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('does not change them', () => {
    const text = '[ 1.0 , {"a" : "\\u0041"},[] ,"]",{"b":1.0},{"b":"ї😀"}]'
    const slices = ['1.0', '{"a" : "\\u0041"}', '[]', '"]"', '{"b":1.0}', '{"b":"ї😀"}']
    expect(sliceElements(text)).toEqual(slices)
  })

  it.each(['{}', '[1', '1', ''])('rejects %j', (text) => {
    expect(() => sliceElements(text)).toThrow('expected the text of a JSON array')
  })
})

describe('sliceBody', () => {
  it('counts elements beyond the limit, too', () => {
    expect(slice(' [ 1, {"a":2} ,[3] , "]" ] ', 2)).toEqual({
      texts: ['1', '{"a":2}'],
      count: 4,
      shape: 'array',
      brokenAt: undefined,
    })
  })

  it.each([
    ['array', '[1,2,3]', ['1'], 5],
    ['objects', '{} {} {}', ['{}'], 6],
  ])('reads no further than it has to count: %s', (shape, text, texts, brokenAt) => {
    expect(slice(text, 1, 2)).toEqual({ texts, count: 2, shape, brokenAt })
  })

  it.each([
    ['{"a":1}', ['{"a":1}'], undefined],
    [' {"a":1}\n{"b":2}\r\n{} ', ['{"a":1}', '{"b":2}', '{}'], undefined],
    ['{"a":1}{"b":2}', ['{"a":1}', '{"b":2}'], undefined],
    ['{"a":1}\n{"b":2', ['{"a":1}'], 14],
    ['{"a":1},{"b":2}', ['{"a":1}'], 7],
    ['{"a":1}\n[2]', ['{"a":1}'], 8],
  ])('accepts consecutive objects: %j', (text, texts, brokenAt) => {
    expect(slice(text)).toEqual({ texts, count: texts.length, shape: 'objects', brokenAt })
  })

  it.each([
    ['[{"a":1},{"b":2', ['{"a":1}'], 15],
    ['[{"a":1},{"b":2}', ['{"a":1}', '{"b":2}'], 16],
    ['[{"a":1},]', ['{"a":1}'], 9],
    ['[{"a":1}]]', ['{"a":1}'], 9],
    ['[{"a":1} {"b":2}]', ['{"a":1}'], 9],
  ])('returns the complete elements before an error: %j', (text, texts, brokenAt) => {
    expect(slice(text)).toEqual({ texts, count: texts.length, shape: 'array', brokenAt })
  })

  it.each(['5', '"a"', 'null', ' true '])('finds no element in %j', (text) => {
    expect(slice(text)).toEqual({ texts: [], count: 0, shape: 'scalar', brokenAt: undefined })
  })

  it('reports the cost of an element', () => {
    const text = '[{"a":[1,"x\n",{}]},1.0,{"b":-0,"c":1e5,"d":1234567890123456,"e":12}]'
    const costs = sliceBody(Buffer.from(text)).elements.map(({ start, end, ...costs }) => costs)
    expect(costs).toEqual([
      { values: 5, inexact: 0, controls: 1 },
      { values: 1, inexact: 1, controls: 0 },
      { values: 5, inexact: 3, controls: 0 },
    ])
  })

  it('accepts nesting of any depth', () => {
    const deep = '['.repeat(4_000_000)
    expect(slice(deep).brokenAt).toBe(4_000_000)
    expect(slice(`${deep}${']'.repeat(4_000_000)}`).count).toBe(1)
    const objects = `${'{"a":'.repeat(500_000)}[]${'}'.repeat(500_000)}`
    expect(slice(`${objects}${objects}`).count).toBe(2)
    expect(slice(`${objects.slice(0, -1)}]`).brokenAt).toBe(objects.length - 1)
  })
})
