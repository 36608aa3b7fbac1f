import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseExactly } from '../../src/event/exact-number.ts'

const number = fc.oneof(
  fc.constantFrom('-0', '5.0', '1e400', '-1E-7', '9007199254740993', '0.1', '100', '0', '12e2'),
  fc.bigInt().map(String),
  fc.double({ noDefaultInfinity: true, noNaN: true }).map((value) => JSON.stringify(value)),
)
const text = fc.oneof(
  fc.string({ unit: 'binary' }).map((each) => JSON.stringify(each)),
  fc.constantFrom('"\\u007f1.0"', '"\x7f1.0"', '"1.0"', '"\\\\"', '"\\""', '"\\u007F"', '"-0,1e5"'),
)
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    number,
    text,
    fc.constantFrom('true', 'null'),
    fc.array(tie('value'), { maxLength: 4 }).map((values) => `[${values.join()}]`),
    fc
      .uniqueArray(fc.tuple(text, tie('value')), {
        maxLength: 4,
        selector: ([key]) => JSON.parse(key) as string,
      })
      // A parser would change the order of numeric keys, and lose __proto__.
      .map((members) => `{${members.map(([key, each]) => `"k${key.slice(1)}:${each}`).join()}}`),
  ),
}))

describe('parseExactly', () => {
  it('changes neither numbers nor anything else', () => {
    fc.assert(
      fc.property(value, (json) => {
        const literals = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g
        const plain = json.replace(literals, (each) =>
          each.startsWith('"') ? JSON.stringify(JSON.parse(each)) : each,
        )
        expect(JSON.stringify(parseExactly(json))).toBe(plain)
      }),
      { numRuns: 3_000 },
    )
  })

  it('keeps a member called __proto__', () => {
    const json = '{"__proto__":1.0,"a":{"__proto__":{"b":2.50}}}'
    expect(JSON.stringify(parseExactly(json))).toBe(json)
  })

  it('accepts raw control characters in texts', () => {
    const all = String.fromCharCode(...Array.from({ length: 32 }, (_, code) => code))
    expect(parseExactly(`{"a":"${all}\\n\\"${all}" ,\n"${all}":1}`)).toEqual({
      a: `${all}\n"${all}`,
      [all]: 1,
    })
  })

  it('accepts nesting of any depth', () => {
    const deep = `${'['.repeat(1_000_000)}1.0${']'.repeat(1_000_000)}`
    expect(Array.isArray(parseExactly(deep))).toBe(true)
  })

  it.each([
    '',
    '{1.0:2}',
    '01.0',
    '[1.0',
    '1.',
    '-',
    '.5',
    '+1',
    '[1.0 2]',
    '"\x7f',
    '1.0.0',
    '"\\\n"',
  ])('rejects %j', (json) => expect(() => parseExactly(json)).toThrow(SyntaxError))
})
