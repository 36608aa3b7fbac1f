import { createInterface } from 'node:readline'
import { stripVTControlCharacters } from 'node:util'
import { readOrCreateCredentials } from './credentials.ts'
import { claimFolder, findFolderError } from './folder.ts'
import { Front } from './front.ts'
import { readOptions, readPort } from './options.ts'
import { chooseFreePort, findPortError } from './port.ts'
import { Stopping } from './stop.ts'
import { printWelcome, SECRETS_FILE } from './welcome.ts'
import { fail, isColored, runWrangler, spawnDev } from './wrangler.ts'

const USAGE = `Runs the receiver on this machine, with its own database and queue.

  npm start -- [options]

  --port N   port (8787)`

const OPTIONS = { port: { type: 'string', default: '8787' } } as const

// The last one keeps wrangler from warning that no schedule runs here: the welcome text says how to run it.
const QUIET = ['--log-level', 'info', '--show-interactive-dev-session=false', '--test-scheduled']
// Empty lines, remains of a spinner, and our own request.
const NOISE = /^\s*[⠀-⣿]?\s*$|Logs were written to|HEAD \/health/
const READY = /Ready on (https?:\/\/\S+)/

/** `npm start`: a local receiver with its own database and queue, which survive a restart and a kill. */
async function start(): Promise<void> {
  const port = readPort(readOptions(OPTIONS, USAGE).port)
  const error = (await findFolderError()) ?? (await findPortError(port))
  if (error !== undefined) fail(error)
  const address = `http://localhost:${port}`
  claimFolder(address)
  const { credentials, created } = readOrCreateCredentials(SECRETS_FILE)
  if (created) console.log(`Created ${SECRETS_FILE} with new credentials.`)
  console.log('Preparing the local database …')
  const migration = await runWrangler('d1', 'migrations', 'apply', 'DB', '--local')
  if (!migration.ok) fail('The local database could not be prepared.', migration)
  console.log('Starting …')
  const front = new Front()
  await front.listen(port)
  const dev = spawnDev([...QUIET, '--ip', '127.0.0.1', ...(await choosePorts())])
  const stopping = new Stopping(dev, front)
  /** The first request sends again what was still queued when the receiver ended. */
  const open = async (url: string) => {
    const response = await fetch(new URL('/health', url), { method: 'HEAD' }).catch(() => undefined)
    if (stopping.isEnding) return
    if (!response?.ok) fail('The receiver fails. Is the disk full, or .wrangler read-only?')
    front.serve(url)
    printWelcome(address, credentials)
  }
  for (const stream of [dev.stdout, dev.stderr]) {
    if (!stream) continue
    createInterface({ input: stream }).on('line', (line) => {
      const plain = stripVTControlCharacters(line) // colours split the words
      const url = READY.exec(plain)?.[1]
      if (stopping.isEnding || NOISE.test(plain)) return
      if (url) void open(url)
      else console.log(isColored ? line : plain)
    })
  }
}

/** The runtime's own, and one for debuggers: wrangler's default may be taken by another wrangler that starts. */
async function choosePorts(): Promise<string[]> {
  const [port, inspectorPort] = [await chooseFreePort(), await chooseFreePort()]
  return ['--port', String(port), '--inspector-port', String(inspectorPort)]
}

await start()
