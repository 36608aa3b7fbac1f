import { describe, expect, it } from 'vitest'
import { causeOf } from '../../../src/event/bounce/cause.ts'

describe('causeOf', () => {
  it('is unknown without a text', () => {
    expect(causeOf(null, 'email')).toBe('unknown')
    expect(causeOf('', null)).toBe('unknown')
  })

  it('believes words more than a generic code', () => {
    const text = '550 5.7.1 Client host [192.0.2.1] blocked using Spamhaus'
    expect(causeOf(text, 'email')).toBe('reputation')
  })
})
