import * as z from 'zod'
import { describe, expect, it } from 'vitest'
import { parseQuery } from '../../src/http/parse-query.ts'

const schema = z.strictObject({ since: z.string(), limit: z.string().optional() })

const parse =
  (query: string, shape: z.ZodObject = schema) =>
  () =>
    parseQuery(shape, new URLSearchParams(query))

describe('a parameter', () => {
  it.each([
    ['x=1&since=1', 'Unknown parameter “x”. Allowed: since, limit.'],
    ['=1&since=1', 'Unknown parameter “”. Allowed: since, limit.'],
    ['limit=1', '“since” is required.'],
    ['since=1&since=2', '“since” must not be repeated.'],
  ])('%s', (query, message) => {
    expect(parse(query)).toThrow(message)
  })

  it('is rejected if no parameters are allowed', () => {
    expect(parse('x=1', z.strictObject({}))).toThrow('Unknown parameter “x”. Allowed: none.')
    expect(parse('', z.strictObject({}))()).toEqual({})
  })

  it('is shortened in the error message', () => {
    expect(parse(`since=1&${'x'.repeat(5_000)}=1`)).toThrow(/^Unknown parameter “x{100}”\. /)
  })
})
