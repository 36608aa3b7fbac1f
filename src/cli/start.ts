import { readOrCreateCredentials } from './credentials.ts'
import { fail, runWrangler } from './wrangler.ts'
import { readOptions, readPort } from './options.ts'
import { claimFolder, findFolderError } from './start/folder.ts'
import { Front } from './start/front.ts'
import { openPage } from './start/open-page.ts'
import { findPortError } from './start/port.ts'
import { RequestLog } from './start/request-log.ts'
import { run } from './start/run.ts'
import { Stopping } from './start/stop.ts'
import { printWelcome, SECRETS_FILE } from './start/welcome.ts'

const USAGE = `Runs the receiver on this machine, with its own database and queue.

  npm start -- [options]

  --port N   port (8787)
  --open     opens the dashboard in the browser`

const OPTIONS = {
  port: { type: 'string', default: '8787' },
  open: { type: 'boolean' },
} as const

/** `npm start`: a local receiver with its own database and queue, which survive a restart and a kill. */
async function start(): Promise<void> {
  const options = readOptions(OPTIONS, USAGE)
  const port = readPort(options.port)
  const error = (await findFolderError()) ?? (await findPortError(port, 'npm start'))
  if (error !== undefined) fail(error)
  const address = `http://localhost:${port}`
  claimFolder(address)
  const front = new Front(new RequestLog())
  await front.listen(port)
  const stopping = new Stopping(front)
  const { credentials, created } = readOrCreateCredentials(SECRETS_FILE)
  if (created) console.log(`Created ${SECRETS_FILE} with new credentials.`)
  console.log('Preparing the local database …')
  const migration = await runWrangler('d1', 'migrations', 'apply', 'DB', '--local')
  if (!migration.ok) fail('The local database could not be prepared.', migration)
  console.log('Starting …')
  await run(front, stopping)
  printWelcome(address, credentials)
  if (options.open) openPage(address)
}

await start()
