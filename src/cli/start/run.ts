import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { fail, isColored, spawnDev } from '../wrangler.ts'
import type { Front } from './front.ts'
import { chooseFreePort } from './port.ts'
import type { Stopping } from './stop.ts'

// The last one keeps wrangler from warning that no schedule runs here: the welcome text says how to run it.
const QUIET = ['--log-level', 'info', '--show-interactive-dev-session=false', '--test-scheduled']
// Empty lines, remains of a spinner, and requests, which the front shows.
const NOISE = /^\s*[⠀-⣿]?\s*$|Logs were written to|^\[wrangler:info\] [A-Z]+ \//
const READY = /Ready on (https?:\/\/\S+)/
// Wrangler starts its two runtimes again, but the one in front then holds every request for good.
const CRASHED = /Workers runtime crashed unexpectedly/
const RESTART_TIMEOUT_MS = 30_000
const RETRY_MS = 500

/**
 * Runs the receiver in wrangler, behind a front that listens already.
 *
 * @param options more options of `wrangler dev`
 * @param isShown whether a line of its log is shown
 * @returns when it responds
 */
export async function run(
  front: Front,
  stopping: Stopping,
  options: readonly string[] = [],
  isShown: (line: string) => boolean = () => true,
): Promise<void> {
  const dev = spawnDev([...QUIET, '--ip', '127.0.0.1', ...(await choosePorts()), ...options])
  stopping.watch(dev)
  let isReady = false
  const ready = new Promise<string>((resolve) => {
    for (const stream of [dev.stdout, dev.stderr]) {
      if (!stream) continue
      createInterface({ input: stream }).on('line', (line) => {
        const plain = stripVTControlCharacters(line) // colours split the words
        const found = isReady ? undefined : READY.exec(plain)?.[1]
        if (found) {
          isReady = true
          resolve(found)
        } else if (!stopping.isEnding && !NOISE.test(plain) && isShown(plain)) {
          console.log(isColored ? line : plain)
        }
        if (CRASHED.test(plain)) void ready.then((address) => endIfDead(address, stopping))
      })
    }
  })
  const url = await ready
  // The first request sends again what was still queued when the receiver ended.
  const response = await tryRequest(url)
  if (stopping.isStopping) return new Promise(() => {}) // this program is about to end
  if (!response?.ok) fail('The receiver fails. Is the disk full, or .wrangler read-only?')
  front.serve(url)
}

/** Ends the program if the receiver does not respond soon after a crash. */
async function endIfDead(url: string, stopping: Stopping): Promise<void> {
  const deadline = AbortSignal.timeout(RESTART_TIMEOUT_MS)
  while (!deadline.aborted) {
    if ((await tryRequest(url, deadline))?.ok) return
    await wait(RETRY_MS)
  }
  if (stopping.isStopping) return
  fail('The receiver crashed, and does not respond any more. Start it again.')
}

/** @returns undefined if nothing responds */
function tryRequest(url: string, signal?: AbortSignal): Promise<Response | undefined> {
  return fetch(new URL('/health', url), { method: 'HEAD', signal: signal ?? null }).catch(
    () => undefined,
  )
}

/** The runtime's own, and one for debuggers: wrangler's default may be taken by another wrangler that starts. */
async function choosePorts(): Promise<string[]> {
  const [port, inspectorPort] = [await chooseFreePort(), await chooseFreePort()]
  return ['--port', String(port), '--inspector-port', String(inspectorPort)]
}
