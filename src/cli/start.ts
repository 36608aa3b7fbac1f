import { createInterface } from 'node:readline'
import { stripVTControlCharacters } from 'node:util'
import { readOrCreateCredentials } from './credentials.ts'
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
const NOISE = /^\s*[⠀-⣿]?\s*$|Logs were written to/ // empty lines, and remains of a spinner
const READY = /Ready on (https?:\/\/\S+)/

/** `npm start`: a local receiver with its own database and queue, which survive a restart. */
async function start(): Promise<void> {
  const port = readPort(readOptions(OPTIONS, USAGE).port)
  const portError = await findPortError(port)
  if (portError !== undefined) fail(portError)
  const { credentials, created } = readOrCreateCredentials(SECRETS_FILE)
  if (created) console.log(`Created ${SECRETS_FILE} with new credentials.`)
  console.log('Preparing the local database …')
  const migration = await runWrangler('d1', 'migrations', 'apply', 'DB', '--local')
  if (!migration.ok) fail('The local database could not be prepared.', migration)
  console.log('Starting …')
  const front = new Front()
  await front.listen(port)
  const dev = spawnDev([...QUIET, '--ip', '127.0.0.1', '--port', String(await chooseFreePort())])
  const stopping = new Stopping(dev, front)
  for (const stream of [dev.stdout, dev.stderr]) {
    if (!stream) continue
    createInterface({ input: stream }).on('line', (line) => {
      const plain = stripVTControlCharacters(line) // colours split the words
      const url = READY.exec(plain)?.[1]
      if (stopping.isEnding || NOISE.test(plain)) return
      if (url) {
        front.serve(url)
        printWelcome(`http://localhost:${port}`, credentials)
      } else console.log(isColored ? line : plain)
    })
  }
}

await start()
