import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { styleText } from 'node:util'
import { fillDatabase } from './demo/fill.ts'
import { play } from './demo/play.ts'
import { makeScenario } from './demo/scenario.ts'
import { readOptions, readPort } from './options.ts'
import { Front } from './start/front.ts'
import { openPage } from './start/open-page.ts'
import { findPortError } from './start/port.ts'
import { run } from './start/run.ts'
import { Stopping } from './start/stop.ts'
import { fail, runWrangler } from './wrangler.ts'

const USAGE = `Runs a receiver on this machine that has the events of an online shop's last month, and gets new ones
all the time. Nothing in it is real, and it is deleted at the end: your own data is not touched.

  npm run demo -- [options]

  --port N   port (8788)
  --open     opens the dashboard in the browser`

const OPTIONS = {
  port: { type: 'string', default: '8788' },
  open: { type: 'boolean' },
} as const

/** It only reaches data that was made up. */
const SETTINGS = {
  WEBHOOK_LOGIN: 'demo',
  WEBHOOK_PASSWORD: 'password-of-the-demo',
  READ_TOKEN: 'demo-token-to-read',
  OPERATE_TOKEN: 'demo-token-to-operate',
  CLOUDFLARE_PLAN: 'paid',
  YESPO_TIME_ZONE: 'UTC',
  MAX_BODY_BYTES: '7000000',
  LABEL_HEADERS: '',
  KEEP_DAYS: '400',
}

const MAINTENANCE_MS = 15 * 60_000

/** `npm run demo` */
async function demo(): Promise<void> {
  const options = readOptions(OPTIONS, USAGE)
  const port = readPort(options.port)
  const error = await findPortError(port, 'npm run demo')
  if (error !== undefined) fail(error)
  const address = `http://localhost:${port}`
  const front = new Front()
  await front.listen(port)
  const stopping = new Stopping(front)
  const { folder, settings } = createFolder()
  console.log('Preparing a month of events …')
  const now = Date.now()
  const { past, future } = makeScenario(now)
  const location = ['--persist-to', folder, '--env-file', settings]
  const migration = await runWrangler('d1', 'migrations', 'apply', 'DB', '--local', ...location)
  if (!migration.ok) fail('The database of the demo could not be made.', migration)
  await fillDatabase(folder, settings, past, now)
  console.log('Starting …')
  await run(front, stopping, location, isError)
  await maintain(address)
  setInterval(() => void maintain(address), MAINTENANCE_MS)
  printWelcome(
    address,
    past.reduce((sum, { elements }) => sum + elements.length, 0),
  )
  if (options.open) openPage(address)
  const { WEBHOOK_LOGIN: login, WEBHOOK_PASSWORD: password } = SETTINGS
  const url = `${address}/webhooks/yespo`
  await play(future, { name: 'demo', url, authentication: { login, password } })
}

/** A temporary folder, which is deleted when this program ends, with a file of settings. */
function createFolder(): { folder: string; settings: string } {
  const folder = mkdtempSync(join(tmpdir(), 'yespo-demo-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const settings = join(folder, 'settings.env')
  const lines = Object.entries(SETTINGS).map(([name, value]) => `${name}="${value}"\n`)
  writeFileSync(settings, lines.join(''))
  return { folder, settings }
}

/** Whether a line of the Worker's log tells of an error: the others are not worth a look here. */
function isError(line: string): boolean {
  return line.includes('[ERROR]')
}

/** Runs the schedule, as Cloudflare does every 15 minutes. */
async function maintain(address: string): Promise<void> {
  await fetch(`${address}/cdn-cgi/local/scheduled`).catch(() => undefined) // it is stopping
}

function printWelcome(address: string, events: number): void {
  const strong = (text: string) => styleText('bold', text)
  console.log(`
${styleText('green', '●')} ${strong('The demo is running')}, with ${events.toLocaleString('en')} events of the last month, and new ones all the time.

  Dashboard       ${strong(`${address}/`)}
  Operate token   ${strong(SETTINGS.OPERATE_TOKEN)} (reads, changes and erases)
  Read token      ${SETTINGS.READ_TOKEN} (reads)

Ctrl-C stops it and deletes its data.
`)
}

await demo()
