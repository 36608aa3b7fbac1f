import * as z from 'zod'
import { describe, expect, it } from 'vitest'
import { parseQuery } from '../../src/http/parse-query.ts'

const schema = z.strictObject({ since: z.string(), limit: z.string().optional() })

const ask =
  (query: string, shape: z.ZodObject = schema) =>
  () =>
    parseQuery(shape, new URLSearchParams(query))

describe('a parameter', () => {
  it.each([
    ['x=1&since=1', 'The parameter x is not known here; known are since, limit.'],
    ['=1&since=1', 'The parameter without a name is not known here; known are since, limit.'],
    ['limit=1', 'The parameter since is missing.'],
    ['since=1&since=2', 'The parameter since is given more than once.'],
  ])('%s', (query, message) => {
    expect(ask(query)).toThrow(message)
  })

  it('where none are taken is refused with these words', () => {
    expect(ask('x=1', z.strictObject({}))).toThrow(
      'The parameter x is not known here; none are taken.',
    )
    expect(ask('', z.strictObject({}))()).toEqual({})
  })

  it('is repeated no longer than a name is', () => {
    expect(ask(`since=1&${'x'.repeat(5_000)}=1`)).toThrow(/^The parameter x{100} is not known here/)
  })
})
