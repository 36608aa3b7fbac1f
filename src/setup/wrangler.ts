import { spawn, type ChildProcess } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { stripVTControlCharacters } from 'node:util'

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

/** Starts wrangler with its standard streams as said: `pipe` also keeps it from asking questions. */
export function spawnWrangler(
  args: readonly string[],
  stdio: 'inherit' | ['ignore', 'pipe', 'pipe'],
  env: Readonly<Record<string, string | undefined>> = {},
): ChildProcess {
  return spawn(process.execPath, [WRANGLER, ...args], {
    stdio,
    detached: stdio !== 'inherit', // out of reach of Ctrl-C, which is for us to pass on
    env: { ...process.env, ...QUIET, ...env },
  })
}

/** What a finished command printed, and whether it succeeded. */
export type Result = { ok: boolean; stdout: string; stderr: string }

/** Runs wrangler to its end, out of sight. */
export async function runWrangler(...args: string[]): Promise<Result> {
  const env = { NO_COLOR: '1', FORCE_COLOR: undefined } // which would outdo it
  const child = spawnWrangler(args, ['ignore', 'pipe', 'pipe'], env)
  let [stdout, stderr] = ['', '']
  child.stdout?.on('data', (chunk) => (stdout += chunk))
  child.stderr?.on('data', (chunk) => (stderr += chunk))
  const ok = (await exitCode(child)) === 0
  return { ok, stdout: stripVTControlCharacters(stdout), stderr: stripVTControlCharacters(stderr) }
}

/** Runs wrangler with the terminal as its own, so that it can ask; its exit code. */
export async function runWranglerVisibly(
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<number> {
  return exitCode(spawnWrangler(args, 'inherit', env))
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
