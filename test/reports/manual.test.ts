import { expect, it } from 'vitest'
import manual from '../../src/reports/README.md?raw'
import { buildEvent } from '../event.ts'
import { clearTables, read } from '../receiver.ts'
import { store } from '../store-events.ts'

const [, section = ''] = /^## Questions\n(.*?)^## /ms.exec(manual) ?? []
const REQUESTS = Array.from(section.matchAll(/^\| [^`]+\| `([^`]+)`/gm), ([, path = '']) => path)

it('has a request for each question', () => {
  const questions = section
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2)
  expect(questions.length).toBeGreaterThan(30)
  expect(REQUESTS).toHaveLength(questions.length)
})

it.each(REQUESTS)('%s is answered', async (path) => {
  await clearTables()
  await store(buildEvent()) // of the contact that the manual names
  const response = await read(path)
  expect([response.status, response.ok ? '' : await response.text()]).toEqual([200, ''])
})
