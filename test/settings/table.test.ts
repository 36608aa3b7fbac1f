import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { format } from 'prettier'
import { expect, it } from 'vitest'
import { ENTRIES, SECRET_NAMES } from '../../src/settings/table.ts'
import { readWranglerConfig } from '../read-config.ts'

const ROOT = join(import.meta.dirname, '../..')
const README = join(ROOT, 'src/settings/README.md')
const BUTTON_SECRETS = ['WEBHOOK_LOGIN', 'WEBHOOK_PASSWORD', 'READ_TOKEN']
const VARS = ENTRIES.filter(([, { kind }]) => kind === 'var')

it('has the variables of wrangler.toml, with the same defaults', () => {
  const config = readWranglerConfig()
  expect(config.vars).toEqual(
    Object.fromEntries(VARS.map(([name, entry]) => [name, entry.default ?? ''])),
  )
})

it('has the secrets of .dev.vars.example, of which the button asks for those without a "#"', () => {
  const example = readFileSync(join(ROOT, '.dev.vars.example'), 'utf8')
  const all = parseEnv(example.replace(/^# (?=[A-Z_]+=)/gm, ''))
  const empty = Object.fromEntries(SECRET_NAMES.map((name) => [name, '']))
  expect(all).toEqual({ ...empty, WEBHOOK_LOGIN: 'yespo' })
  expect(new Set(Object.keys(parseEnv(example)))).toEqual(new Set(BUTTON_SECRETS))
})

// `npm test -- test/settings -u` updates package.json.
it('describes every field of the button in package.json', async () => {
  const config = readWranglerConfig()
  const file = join(ROOT, 'package.json')
  const text = JSON.parse(readFileSync(file, 'utf8'))
  const known = text.cloudflare.bindings
  const resources = [...(config.d1_databases ?? []), ...(config.queues?.producers ?? [])]
  const names = [...BUTTON_SECRETS, ...resources.map(({ binding }) => binding)]
  text.cloudflare.bindings = {
    ...Object.fromEntries(names.map((name) => [name, known[name]])),
    ...Object.fromEntries(VARS.map(([name, { meaning }]) => [name, describe(meaning)])),
    JURISDICTION: known.JURISDICTION, // the button creates the database and the queues before it is read
  }
  expect(names.filter((name) => !known[name]?.description)).toEqual([])
  await expect(`${JSON.stringify(text, null, 2)}\n`).toMatchFileSnapshot(file)
})

/** The meaning of a setting without links, which lead to headings of the manual. */
function describe(meaning: string): { description: string } {
  return { description: meaning.replace(/\[([^\]]+)\]\(#[^)]+\)/g, '$1') }
}

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
