import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { format } from 'prettier'
import { expect, it } from 'vitest'
import { experimental_readRawConfig as readRawConfig } from 'wrangler'
import { ENTRIES, SECRET_NAMES } from '../../src/settings/table.ts'

const ROOT = join(import.meta.dirname, '../..')
const README = join(ROOT, 'src/settings/README.md')
const VARS = ENTRIES.filter(([, { kind }]) => kind === 'var')

it('has the variables of wrangler.toml, with the same defaults', () => {
  const { rawConfig } = readRawConfig({ config: join(ROOT, 'wrangler.toml') })
  expect(rawConfig.vars).toEqual(
    Object.fromEntries(VARS.map(([name, entry]) => [name, entry.default ?? ''])),
  )
})

it('has the secrets of .dev.vars.example, which are empty there', () => {
  const example = parseEnv(readFileSync(join(ROOT, '.dev.vars.example'), 'utf8'))
  expect(example).toEqual(Object.fromEntries(SECRET_NAMES.map((name) => [name, ''])))
})

it('has a default and a safe value that are valid', () => {
  for (const [name, { parse, default: usual = '', safe = usual }] of ENTRIES) {
    expect(() => parse(usual), name).not.toThrow()
    expect(() => parse(safe), name).not.toThrow()
  }
})

// `npm test -- test/settings -u` updates the manual.
it('is the table in the manual', async () => {
  const rows = ENTRIES.map(
    ([name, { kind, default: usual, meaning }]) =>
      `| \`${name}\` | ${kind} | ${usual === undefined ? '' : `\`${usual}\``} | ${meaning} |`,
  )
  const table = `| name | kind | default | meaning |\n| - | - | - | - |\n${rows.join('\n')}\n`
  const text = readFileSync(README, 'utf8')
  const before = text.slice(0, text.indexOf('\n|') + 1)
  const after = text.slice(text.lastIndexOf('|\n') + 2)
  const expected = await format(before + table + after, { parser: 'markdown', printWidth: 120 })
  await expect(expected).toMatchFileSnapshot(README)
})
