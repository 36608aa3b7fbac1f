import { styleText } from 'node:util'
import type { WebhookForm } from '../simulator/account.ts'
import { ActivityApi } from '../simulator/activity-api.ts'
import { Random } from '../simulator/random.ts'
import { fillDatabase } from './demo/fill.ts'
import { createFolder, SETTINGS } from './demo/folder.ts'
import { play } from './demo/play.ts'
import { makeScenario } from './demo/scenario.ts'
import { readOptions, readPort } from './options.ts'
import { Front } from './start/front.ts'
import { openPage } from './start/open-page.ts'
import { findPortError } from './start/port.ts'
import { run } from './start/run.ts'
import { Stopping } from './start/stop.ts'
import { fail, runWrangler } from './wrangler.ts'

const USAGE = `Runs a receiver on this machine that has the events of an online shop's last two months, and gets new
ones all the time. Nothing in it is real, and it is deleted at the end: your own data is not touched.

  npm run demo -- [options]

  --port N   port (8788)
  --open     opens the dashboard in the browser`

const OPTIONS = {
  port: { type: 'string', default: '8788' },
  open: { type: 'boolean' },
} as const

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
  console.log('Preparing two months of events …')
  const api = new ActivityApi({ apiKey: SETTINGS.YESPO_API_KEY, random: new Random(1) })
  const { url: apiUrl } = await api.listen({ clock: Date.now })
  const { folder, settings } = createFolder({ ...SETTINGS, YESPO_API_URL: apiUrl })
  const location = ['--persist-to', folder, '--env-file', settings]
  const migrating = runWrangler('d1', 'migrations', 'apply', 'DB', '--local', ...location)
  const now = Date.now()
  const { past, missed, future, erased } = makeScenario(now) // meanwhile
  const sent = past.flatMap(({ elements }) => elements)
  api.record([...sent, ...missed])
  const migration = await migrating
  if (!migration.ok) fail('The database of the demo could not be made.', migration)
  await fillDatabase(folder, settings, past, now)
  console.log('Starting …')
  await run(front, stopping, location, isError)
  await erase(address, erased)
  await maintain(address)
  setInterval(() => void maintain(address), MAINTENANCE_MS)
  printWelcome(address, sent.length)
  if (options.open) openPage(address)
  await play(future, formOf(address), (elements) => api.record(elements))
}

/** Whether a line of the Worker's log tells of an error: the others are not worth a look here. */
function isError(line: string): boolean {
  return line.includes('[ERROR]')
}

async function erase(address: string, contactIds: readonly number[]): Promise<void> {
  const headers = { Authorization: `Bearer ${SETTINGS.OPERATE_TOKEN}` }
  for (const contactId of contactIds) {
    await fetch(`${address}/contacts/${contactId}`, { method: 'DELETE', headers })
  }
}

/** Runs the schedule, as Cloudflare does every 15 minutes. */
async function maintain(address: string): Promise<void> {
  await fetch(`${address}/cdn-cgi/local/scheduled`).catch(() => undefined) // it is stopping
}

/** Yespo's form for the webhook. */
function formOf(address: string): WebhookForm {
  const { WEBHOOK_LOGIN: login, WEBHOOK_PASSWORD: password } = SETTINGS
  const url = `${address}/webhooks/yespo`
  return { name: 'demo', url, authentication: { login, password } }
}

function printWelcome(address: string, events: number): void {
  const strong = (text: string) => styleText('bold', text)
  console.log(`
${styleText('green', '●')} ${strong('The demo is running')}, with ${events.toLocaleString('en')} events of the last two months, and new ones all the time.

  Dashboard       ${strong(`${address}/`)}
  Operate token   ${strong(SETTINGS.OPERATE_TOKEN)} (reads, changes and erases)
  Read token      ${SETTINGS.READ_TOKEN} (reads)

Ctrl-C stops it and deletes its data.
`)
}

await demo()
