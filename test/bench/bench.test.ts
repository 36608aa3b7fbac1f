import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { alternate, percentile } from './median.ts'

const BENCH = join(import.meta.dirname, 'bench.ts')

it('finds what does not depend on the machine', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [BENCH, '--quick'], {
    timeout: 880_000,
  })
  const found = new Map(
    stdout
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .map((line) => line.split(' | '))
      .map(([name = '', value = '']) => [name.slice(2), value]),
  )
  expect(stdout).not.toMatch(/NaN|Infinity|undefined/)
  const rows = found.get('rows written by a new event, by a repeated one')?.split(', ')
  expect(Number(rows?.[0])).toBeGreaterThan(1.9)
  expect(Number(rows?.[0])).toBeLessThanOrEqual(2.5)
  expect(rows?.[1]).toBe('0')
  expect(found.get('queue operations an event, 1 a POST')).toBe('3')
  expect(found.get('queue operations an event, 4 a POST')).toBe('0.75')
  const newest = [...found].find(([name]) => name.startsWith('newest page'))
  expect(newest?.[1]).toMatch(/; 51$/)
  expect(Number(found.get('KB to deploy, gzip'))).toBeLessThanOrEqual(260)
}, 900_000)

it('takes the middle value, and the one below which a share lies', () => {
  const values = Array.from({ length: 100 }, (_, place) => 100 - place)
  expect(percentile(values, 0.95)).toBe(96)
  expect(percentile([3, 1, 2], 0.5)).toBe(2)
})

it('goes from first to last and back from last to first', async () => {
  const order: string[] = []
  const run = (name: string) => async (round: number) => {
    order.push(`${name}${round}`)
    return round
  }
  expect(await alternate(3, { a: run('a'), b: run('b') })).toEqual({ a: 1, b: 1 })
  expect(order).toEqual(['a0', 'b0', 'b1', 'a1', 'a2', 'b2'])
})
