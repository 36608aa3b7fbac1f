import { spawn, type ChildProcess } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { styleText, stripVTControlCharacters } from 'node:util'

/** The path of wrangler's program. */
export const WRANGLER = join(
  dirname(createRequire(import.meta.url).resolve('wrangler/package.json')),
  'bin/wrangler.js',
)

/** `src/index.ts` with a queue that survives the end of its process. */
const LOCAL_WORKER = 'src/cli/local/worker.ts'
const PRELOADED = new URL('local/end-with-parent.ts', import.meta.url).href

// No update notices, no telemetry, no look-up of this machine's location.
const QUIET = {
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_SEND_METRICS: 'false',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
}

/** Whether standard output shows colour, by NO_COLOR, FORCE_COLOR and whether it is a terminal. */
export const isColored = styleText('bold', 'a') !== 'a'

const COLORLESS = { NO_COLOR: '1', FORCE_COLOR: '0' }
const COLORED = { NO_COLOR: undefined, FORCE_COLOR: '1' } // Node warns if both are set

/** Starts `wrangler dev` detached, so that Ctrl-C does not reach it before us: see `killGroup`. */
export function spawnDev(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['--import', PRELOADED, WRANGLER, 'dev', LOCAL_WORKER, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, ...QUIET, ...(isColored ? COLORED : COLORLESS) },
  })
}

/** Kills a detached process and its children, which would live on and keep the port. */
export function killGroup(child: ChildProcess): void {
  child.kill('SIGKILL') // only itself if there are no process groups
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error // none is left
  }
}

/** The output of a finished command, without colour, and whether it succeeded. */
export type Result = { ok: boolean; stdout: string; stderr: string }

/** Runs wrangler to its end, without showing its output, and without questions. */
export async function runWrangler(...args: string[]): Promise<Result> {
  const child = spawn(process.execPath, [WRANGLER, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...QUIET, ...COLORLESS },
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (chunk) => (stdout += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk) => (stderr += chunk))
  const ok = (await exitCode(child)) === 0
  return {
    ok,
    stdout: stripVTControlCharacters(stdout),
    stderr: stripVTControlCharacters(stderr),
  }
}

/** Runs wrangler attached to the terminal, so that it can ask. @returns its exit code */
export async function runWranglerVisibly(
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<number> {
  const child = spawn(process.execPath, [WRANGLER, ...args], {
    stdio: 'inherit',
    env: { ...process.env, ...QUIET, ...(!isColored && COLORLESS), ...env },
  })
  return exitCode(child)
}

/** Waits for the end of a process, which ends with this one at the latest. */
async function exitCode(child: ChildProcess): Promise<number> {
  const end = () => void child.kill()
  process.on('exit', end)
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (each) => resolve(each ?? 1))
  })
  process.off('exit', end)
  return code
}

/** Prints an error and ends the program. */
export function fail(message: string, result?: Result): never {
  console.error(message)
  if (result) console.error(`${result.stdout}${result.stderr}`.trim())
  process.exit(1)
  throw new Error('unreachable') // the Workers types do not know that exit never returns
}
