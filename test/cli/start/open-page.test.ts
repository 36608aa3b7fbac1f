import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { openPage } from '../../../src/cli/start/open-page.ts'
import { PATIENT } from '../../patience.ts'

const URL = 'http://localhost:8787'

let folder: string
const opened = () => join(folder, 'opened')

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'open-'))
  vi.stubEnv('CI', '')
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env['PATH']}`)
})

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

/** Takes the place of the platform's command. */
function install(script: string): void {
  for (const name of ['open', 'xdg-open']) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  }
}

it.skipIf(process.platform === 'win32')("runs the platform's command", async () => {
  install(`printf %s "$*" > '${folder}/part' && mv '${folder}/part' '${folder}/opened'`)
  openPage(URL)
  await expect.poll(() => existsSync(opened()), PATIENT).toBe(true)
  expect(readFileSync(opened(), 'utf8')).toBe(URL)
})

it.skipIf(process.platform === 'win32')('says so if that fails', async () => {
  install('exit 3')
  const print = vi.spyOn(console, 'log').mockImplementation(() => {})
  openPage(URL)
  await expect.poll(() => print.mock.calls.flat().join('\n'), PATIENT).toContain(URL)
})

it('says so if there is no such command', async () => {
  vi.stubEnv('PATH', folder)
  const print = vi.spyOn(console, 'log').mockImplementation(() => {})
  openPage(URL)
  await expect.poll(() => print.mock.calls.flat().join('\n'), PATIENT).toContain(URL)
})

it('opens nothing in CI', async () => {
  vi.stubEnv('CI', 'true')
  vi.stubEnv('PATH', folder)
  const print = vi.spyOn(console, 'log').mockImplementation(() => {})
  openPage(URL)
  vi.stubEnv('CI', '')
  openPage(URL) // says so, as there is no such command
  await expect.poll(() => print.mock.calls.length, PATIENT).toBe(1)
})
