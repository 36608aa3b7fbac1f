import { expect, it } from 'vitest'
import lock from '../../package-lock.json' with { type: 'json' }

const packages = Object.entries<object>(lock.packages).filter(([path]) => path !== '') // ours

it('pins the content of every package, from any registry', () => {
  expect(packages.filter(([, entry]) => !('integrity' in entry))).toEqual([])
  expect(packages.filter(([, entry]) => 'resolved' in entry)).toEqual([])
})
