import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseExactly } from '../../src/event/exact-number.ts'
import { Scanner } from '../../src/event/json-text.ts'
import { countValues, listDropped } from '../../src/event/repeated-key.ts'

const encode = (text: string) => new TextEncoder().encode(text)

/** Counts the values in a text. */
function count(text: string): number {
  const scanner = new Scanner(encode(text))
  scanner.skipValue()
  return scanner.traits.values
}

describe('counting', () => {
  it('finds as many values in a text as in the parsed JSON, however it is formatted', () => {
    const spaces = fc.constantFrom(0, 1, '\t', ' \n')
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), spaces, (value, space) => {
        const text = JSON.stringify(value, null, space)
        expect(count(text)).toBe(countValues(JSON.parse(text)))
        expect([...listDropped(`{"a":${text}}`)]).toEqual([])
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    ['{"a":1,"a":1}', 3],
    ['{"a":1,"\\u0061":2}', 3],
    ['{"a:b":"c:\\":d","e\\\\":":"}', 3],
    ['[{"a":{"b":1,"b":2}},":"]', 6],
    ['{"__proto__":1,"":2}', 3],
    ['[5.0,[null,1e400],{}]', 6],
  ])('counts %j as %i', (text, values) => {
    expect(count(text)).toBe(values)
  })

  it('counts a number that is kept as its literal as one value', () => {
    expect(countValues(parseExactly('{"a":[5.0,9007199254740993],"b":1e400}'))).toBe(5)
  })

  it('accepts any depth', () => {
    const deep = '{"a":['.repeat(200_000) + ']}'.repeat(200_000)
    expect(count(deep)).toBe(400_000)
    expect(countValues(JSON.parse(deep))).toBe(400_000)
    expect([...listDropped(deep)]).toEqual([])
  })
})

describe('listDropped', () => {
  it.each([
    ['{"contactId":1,"contactId":2}', 'contactId', false],
    ['{ "a" : 1 , "b" : 2 , "a" : 3 }', 'a', false],
    ['{"a":1,"\\u0061":2}', 'a', false],
    ['{"a":{"b":1},"a":{"b":2}}', 'a', false],
    ['{"a":null,"a":1}', 'a', false],
    ['{"a":1,"a":1,"a":2}', 'a', false],
    ['{"a":"1","a":1}', 'a', false],
    ['{"a":"}\\"","a":1}', 'a', false],
    ['{"__proto__":1,"__proto__":2}', '__proto__', false],
    ['{"":1,"":2}', '', false],
    ['{"b":0,"a":{"b":1,"c":[{"d":1,"d":2}]}}', 'a', true],
    ['{"a":[[],{},{"x":[],"x":{}}]}', 'a', true],
  ])('finds it in %s', (text, name, isInside) => {
    expect(listDropped(text).next().value).toMatchObject({ name, isInside })
  })

  it('lists the dropped values, and no others', () => {
    const text = '[{"a":[1,{"b":2,"\\u0062": {"c":3}}],"a":"x","a":"x"},{"a":4,"d":5,"a":6}]'
    expect([...listDropped(text)].map(({ json }) => json)).toEqual([
      '{"b":2}',
      '{"a":[1,{"b":2,"\\u0062": {"c":3}}]}',
      '{"a":4}',
    ])
  })

  it.each([
    '{}',
    '{"a":1}',
    '{"a":1,"a" : 1 }',
    '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}',
    '{"a":",\\"a\\":2","b":"a"}',
    '{"a":1,"A":2,"a ":3}',
    '{"a":[1,2,"a",{"b":1},{"b":2}]}',
  ])('finds none in %s', (text) => {
    expect([...listDropped(text)]).toEqual([])
  })

  it('finds repeated keys anywhere', () => {
    const keys = fc.uniqueArray(fc.string(), { minLength: 2, maxLength: 6 })
    fc.assert(
      fc.property(keys, fc.jsonValue(), fc.nat(), (names, value, index) => {
        const members = names.map((name) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
        const again = names[index % names.length] ?? ''
        const text = `{${[...members, `${JSON.stringify(again)}:${JSON.stringify([value])}`].join()}}`
        expect([...listDropped(text)]).toEqual([
          {
            name: again,
            isInside: false,
            json: `{${JSON.stringify(again)}:${JSON.stringify(value)}}`,
          },
        ])
        expect(count(text)).toBe(countValues(JSON.parse(text)) + countValues(value))
      }),
    )
  })
})
