import { expect, it } from 'vitest'
import { Invocation, killAtRandom, seededRandom } from './index.ts'

const CALLS = 10_000

function draw(seed: number): (string | undefined)[] {
  const killer = killAtRandom(seed, 0.1)
  const invocation = new Invocation('fetch')
  return Array.from({ length: CALLS }, () => killer({ name: 'D1.all' }, invocation))
}

it('kills at the same calls for the same seed, before and after about as often', () => {
  expect(draw(1)).toEqual(draw(1))
  expect(draw(1)).not.toEqual(draw(2))
  const count = (when: string) => draw(3).filter((each) => each === when).length
  for (const when of ['before', 'after']) {
    expect(count(when)).toBeGreaterThan(CALLS * 0.04)
    expect(count(when)).toBeLessThan(CALLS * 0.06)
  }
})

it('draws numbers from 0 to below 1', () => {
  const random = seededRandom(7)
  const numbers = Array.from({ length: CALLS }, random)
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...numbers)).toBeLessThan(1)
  expect(new Set(numbers).size).toBeGreaterThan(CALLS * 0.99)
})
