import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sliceElements } from '../../src/activity/slice-elements.ts'

describe('sliceElements', () => {
  it('cuts an array into its elements', () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue()),
        fc.constantFrom(0, 1, '\t', ' \n'),
        (elements, space) => {
          const text = ` ${JSON.stringify(elements, null, space)} `
          const { elements: slices } = sliceElements(text)
          expect(slices.map((slice) => JSON.stringify(JSON.parse(slice)))).toEqual(
            elements.map((element) => JSON.stringify(element)),
          )
          expect(sliceElements(text, Infinity, elements).elements).toEqual(slices)
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('leaves each as it was written', () => {
    const text = '[ 1.0 , {"a" : "\\u0041"},[] ,"]",{"b":1.0},{"b":1}]'
    const slices = ['1.0', '{"a" : "\\u0041"}', '[]', '"]"', '{"b":1.0}', '{"b":1}']
    expect(sliceElements(text).elements).toEqual(slices)
    expect(sliceElements(text, Infinity, JSON.parse(text)).elements).toEqual(slices)
  })

  it('leaves what comes after the most in one piece', () => {
    const text = ' [ 1, {"a":2} ,[3] , "]" ] '
    expect(sliceElements(text, 2)).toEqual({ elements: ['1', '{"a":2}'], rest: '[3] , "]"' })
    expect(sliceElements(text, 4).rest).toBe('')
  })
})
