import { spawn, type ChildProcess } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { styleText, stripVTControlCharacters } from 'node:util'

const WRANGLER = join(
  dirname(createRequire(import.meta.url).resolve('wrangler/package.json')),
  'bin/wrangler.js',
)

// Without news of other versions, without telemetry, and without looking up where this machine is.
const QUIET = {
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_SEND_METRICS: 'false',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
}

/** Whether this program's standard output shows colour: NO_COLOR, FORCE_COLOR and pipes are heeded. */
export const isColored = styleText('bold', 'a') !== 'a'

const COLORLESS = { NO_COLOR: '1', FORCE_COLOR: '0' }
const COLORED = { NO_COLOR: undefined, FORCE_COLOR: '1' } // Node warns if both are set

/** Starts `wrangler dev`, out of reach of Ctrl-C, which is for us to pass on: see `killGroup`. */
export function spawnDev(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [WRANGLER, 'dev', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, ...QUIET, ...(isColored ? COLORED : COLORLESS) },
  })
}

/** Ends a detached process at once, and those that it started: they would live on and keep its port. */
export function killGroup(child: ChildProcess): void {
  child.kill('SIGKILL') // alone where there are no groups of processes
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error // none of them is left
  }
}

/** What a finished command printed, without colour, and whether it succeeded. */
export type Result = { ok: boolean; stdout: string; stderr: string }

/** Runs wrangler to its end, out of sight, without questions. */
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

/** Runs wrangler with the terminal as its own, so that it can ask; its exit code. */
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

function exitCode(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}

/** Says what went wrong and ends the program. */
export function fail(message: string, result?: Result): never {
  console.error(message)
  if (result) console.error(`${result.stdout}${result.stderr}`.trim())
  process.exit(1)
  throw new Error('unreachable') // the Workers' types do not say that exit never returns
}
