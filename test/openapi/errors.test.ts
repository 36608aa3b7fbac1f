import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ERROR_CODES } from '../../src/openapi/errors.ts'
import { PAGE } from './documentation.ts'

const SRC = join(import.meta.dirname, '../../src')
const THROWN = /\bnew HttpError\(\s*(\d+),\s*'(\w+)'/g
const OF_PAGES = /\/page\/|^(?:web|error-page)\//

it('every error of an endpoint is documented with its status', () => {
  const files = globSync('**/*.ts', { cwd: SRC }).filter((file) => !OF_PAGES.test(file))
  const thrown = files.flatMap((file) =>
    Array.from(readFileSync(join(SRC, file), 'utf8').matchAll(THROWN), ([, status, code = '']) => [
      code,
      Number(status),
    ]),
  )
  expect(thrown.length).toBeGreaterThan(20)
  const documented = Object.entries(ERROR_CODES).map(([code, { status }]) => [code, status])
  expect(documented).toEqual(expect.arrayContaining(thrown))
})

it('the page says what each code means and what to do', () => {
  const [, errors = ''] = PAGE.split('<section id="errors">')
  for (const [code, { status }] of Object.entries(ERROR_CODES)) {
    const [, ofStatus = ''] = errors.split(`<section id="error-${status}">`)
    const [, entry = ''] = (ofStatus.split('</section>')[0] ?? '').split(`<code>${code}</code>`)
    const texts = (entry.split('</div>')[0] ?? '').match(/<dd>\s*\S.*?<\/dd>/gs)
    expect([code, texts?.length]).toEqual([code, 2])
  }
})
