import { expect, it } from 'vitest'
import { isPhoneCountry, waysToWrite } from '../../src/event/phone-country.ts'

it('writes a number with the code of its country, with a prefix for calls within it, and without', () => {
  const ways = ['380501234567', '0501234567', '80501234567', '501234567']
  for (const digits of ways) expect(waysToWrite(digits, 'UA')).toEqual(ways)
})

it('writes no number of another length, or of an unknown country', () => {
  expect(waysToWrite('05012345678', 'UA')).toEqual([])
  expect(waysToWrite('0501234567', 'XX')).toEqual([])
})

it('knows countries by their code in capitals', () => {
  expect(['UA', 'PL', 'XX', 'ua', 'U', '..'].filter(isPhoneCountry)).toEqual(['UA', 'PL'])
})
