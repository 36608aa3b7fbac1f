import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { WRANGLER } from '../../src/cli/wrangler.ts'

const ROOT = join(import.meta.dirname, '../..')
const MODULES = join(ROOT, 'node_modules')
const CLIENT = pathToFileURL(join(import.meta.dirname, 'warm-client.ts')).href

let started: Promise<string> | undefined

/**
 * Has the commands of a checkout run wrangler in one process that they share, which takes a tenth of the time. It runs
 * the same code of wrangler, but not at a terminal, and not `wrangler dev`.
 *
 * @param folder of the checkout
 * @param preloaded a module that is loaded before wrangler
 */
export async function warmWrangler(folder: string, preloaded: string): Promise<void> {
  const socket = await (started ??= startServer(preloaded))
  const modules = join(folder, 'node_modules')
  rmSync(modules)
  mkdirSync(join(modules, 'wrangler/bin'), { recursive: true })
  for (const name of readdirSync(MODULES).filter((each) => !/^\.cache$|^wrangler$/.test(each))) {
    symlinkSync(join(MODULES, name), join(modules, name))
  }
  writeFileSync(join(modules, 'wrangler/package.json'), '{"type":"module"}')
  const values = [socket, WRANGLER].map((value) => JSON.stringify(value)).join(', ')
  writeFileSync(
    join(modules, 'wrangler/bin/wrangler.js'),
    `import { runCommand } from '${CLIENT}'\nrunCommand(${values})\n`,
  )
}

async function startServer(preloaded: string): Promise<string> {
  const socket = join(mkdtempSync(join(tmpdir(), 'yespo-receiver-wrangler-')), 'socket')
  const script = join(import.meta.dirname, 'warm-server.ts')
  const child = spawn(
    process.execPath,
    ['--no-warnings', `--import=${preloaded}`, script, socket],
    {
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
      stdio: ['pipe', 'pipe', 'inherit'], // it ends when its input does
    },
  )
  child.unref()
  const ended = once(child, 'exit').then(() => {
    throw new Error('the shared wrangler could not be started: see above')
  })
  await Promise.race([once(child.stdout, 'data'), ended])
  return socket
}
