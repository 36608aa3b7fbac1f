import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const SRC = join(import.meta.dirname, '../../src')
const SOURCES = globSync('**/*.{ts,tsx}', { cwd: SRC }).map((file) =>
  readFileSync(join(SRC, file), 'utf8'),
)

it('explains eleven messages that the receiver or its commands print', () => {
  const manual = readFileSync(join(SRC, 'cli/README.md'), 'utf8')
  const section = manual.slice(manual.indexOf('## Troubleshooting'))
  const messages = [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, message = '']) => message)
  expect(messages).toHaveLength(11)
  const unknown = messages.filter((message) => {
    const parts = message.split('…')
    return !SOURCES.some((source) => parts.every((part) => source.includes(part)))
  })
  expect(unknown, 'Write each message as the code has it, with … for a value.').toEqual([])
})
