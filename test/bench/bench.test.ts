import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { alternate, percentile } from './median.ts'

const BENCH = join(import.meta.dirname, 'bench.ts')

it('measures figures that do not depend on the machine', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [BENCH, '--quick'], {
    timeout: 880_000,
  })
  const lines = stdout.split('\n').filter((line) => line.startsWith('| '))
  const cells = lines.map((line) => line.slice(2, -2).split(' | '))
  const found = new Map(cells.map(([name = '', value = '']) => [name, value]))
  const costs = new Map(cells.filter(({ length }) => length === 7).map((row) => [row[0], row]))
  expect(stdout).not.toMatch(/NaN|Infinity|undefined/)
  expect(costs.get('1')?.[4]).toBe('3') // queue operations
  expect(costs.get('4')?.[4]).toBe('0.75')
  expect(Number(costs.get('100')?.[2])).toBeGreaterThan(1) // rows read
  expect(Number(costs.get('100')?.[3])).toBeGreaterThan(1.9) // rows written
  const alone = 'rows written by a single new event of a known contact and campaign'
  expect(Number(found.get(alone))).toBe(3)
  expect(found.get('rows written by a repeated event')).toBe('0')
  expect(found.get('newest page: ms; rows read')).toMatch(/; 10\d$/)
  expect(Number(found.get('KB of the bundle, gzip'))).toBeLessThanOrEqual(560)
}, 900_000)

it('finds the median and other percentiles', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect(percentile(values, 0.95)).toBe(96)
  expect(percentile([3, 1, 2], 0.5)).toBe(2)
})

it('runs contenders forward and backward in turn', async () => {
  const order: string[] = []
  const run = (name: string) => async (round: number) => {
    order.push(`${name}${round}`)
    return round
  }
  expect(await alternate(3, { a: run('a'), b: run('b') })).toEqual({ a: 1, b: 1 })
  expect(order).toEqual(['a0', 'b0', 'b1', 'a1', 'a2', 'b2'])
})
