import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const FOLDER = import.meta.dirname
const IMPORT = /\b(?:from|import)[\s(]*'([^']+)'/g

const files = globSync('**/*.ts', { cwd: FOLDER }).filter(
  (file) => !/\.test\.ts$|^flows\//.test(file),
)
const importsOf = (file: string) =>
  Array.from(readFileSync(join(FOLDER, file), 'utf8').matchAll(IMPORT), ([, path = '']) => path)

it('can be used without the receiver: it imports only itself and Node', () => {
  const outside = files.flatMap((file) =>
    importsOf(file)
      .filter((path) => !path.startsWith('node:'))
      .filter((path) => !path.startsWith('.') || join(file, '..', path).startsWith('..'))
      .map((path) => `${file} -> ${path}`),
  )
  expect(files.length).toBeGreaterThan(10)
  expect(outside).toEqual([])
})

it('runs in workerd: index.ts needs nothing that only Node has', () => {
  const seen = new Set<string>()
  const visit = (file: string) => {
    if (seen.has(file)) return
    seen.add(file)
    for (const path of importsOf(file)) {
      if (path.startsWith('.')) visit(join(file, '..', path))
      else expect(['node:async_hooks', 'node:crypto'], file).toContain(path)
    }
  }
  visit('index.ts')
  expect(seen).toContain('memory/queue.ts')
})
