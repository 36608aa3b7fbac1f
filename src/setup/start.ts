import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { styleText } from 'node:util'
import { findSettingFault } from './check-settings.ts'
import { readOrCreateCredentials, type Credentials } from './credentials.ts'
import { fail, runWrangler, spawnWrangler } from './wrangler.ts'

const SECRETS_FILE = '.dev.vars'
const QUEUE_DRAIN_MS = 1_500 // max_batch_timeout in wrangler.toml, and time to write
const NOISE = /^\s*$|Logs were written to/
const READY = /Ready on (https?:\/\/\S+)/

/** `npm start`: a local receiver with its own database and queue, which outlive a restart. */
async function start(): Promise<void> {
  const { credentials, created } = readOrCreateCredentials(SECRETS_FILE)
  if (created) console.log(`Made new credentials in ${SECRETS_FILE}.`)
  console.log('Preparing the local database …')
  const migration = await runWrangler('d1', 'migrations', 'apply', 'DB', '--local')
  if (!migration.ok) fail('The local database could not be prepared:', migration)
  console.log('Starting …')
  const args = process.argv.slice(2)
  // The last one keeps wrangler from warning that no schedule runs here: the welcome says how it does.
  const quiet = ['--log-level', 'info', '--show-interactive-dev-session=false', '--test-scheduled']
  const dev = spawnWrangler(['dev', ...quiet, ...args], ['ignore', 'pipe', 'pipe'], {
    FORCE_COLOR: process.stdout.isTTY ? '1' : '0',
  })
  stopGently(dev)
  for (const stream of [dev.stdout, dev.stderr]) {
    if (!stream) continue
    createInterface({ input: stream }).on('line', (line) => {
      const url = READY.exec(line)?.[1]
      if (url) printWelcome(url, credentials)
      else if (!NOISE.test(line)) console.log(line)
    })
  }
}

/**
 * The local queue lives in memory, and takes up to a second to hand events on: a signal is passed on
 * only after that, so that stopping loses nothing that was accepted before. The Worker goes on
 * accepting meanwhile, and nobody can keep it from that: what comes in the last second is lost.
 */
function stopGently(dev: ChildProcess): void {
  let stopping = false
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stopping) dev.kill('SIGKILL') // whoever asks twice does not want to wait
      stopping = true
      console.log('Storing what is still in the queue …')
      console.log('What comes in from now on may be lost, though it is answered 200.')
      setTimeout(() => dev.kill('SIGTERM'), QUEUE_DRAIN_MS)
    })
  }
  dev.on('close', (code) => process.exit(stopping ? 0 : (code ?? 1)))
}

function printWelcome(url: string, credentials: Credentials): void {
  const fault = findSettingFault(credentials)
  if (fault) {
    const what = fault.isGrave ? 'but refuses everyone' : 'but a setting is wrong'
    console.log(styleText('red', `\n● The receiver runs, ${what}. ${fault.message}\n`))
    console.log(
      `Secrets are set in ${SECRETS_FILE}, the rest in wrangler.toml. Then start it again.\n`,
    )
    if (fault.isGrave) return
  }
  const show = (name: string) => credentials[name] ?? `not set in ${SECRETS_FILE}`
  const strong = (text: string) => styleText('bold', text)
  const port = new URL(url).port
  const aim = port === '8787' ? '' : ` -- --url ${url}/webhooks/yespo`
  console.log(`
${styleText('green', '●')} ${strong('The Yespo receiver is running.')}

  Webhook URL   ${strong(`${url}/webhooks/yespo`)}
  Login         ${show('WEBHOOK_LOGIN')}
  Password      ${show('WEBHOOK_PASSWORD')}
  Read token    ${show('READ_TOKEN')}

Next, in a browser or another terminal:

  ${url}/
      shows in a browser what comes in: sign in with the read token
  npm run send-test${aim}
      sends Yespo's samples and shows what was stored
  curl -H 'Authorization: Bearer ${credentials['READ_TOKEN'] ?? '…'}' '${url}/activity?limit=5'
      reads the newest events
  ${url}/docs
      explains all that can be asked, and lets you try it
  curl ${url}/cdn-cgi/local/scheduled
      looks after the receiver, which Cloudflare does every five minutes
  npm run deploy
      puts the receiver on Cloudflare, where Yespo can reach it

Ctrl-C stops it: once nothing comes in any more, as the last second of what does is lost. The
events stay in .wrangler/state; the credentials are in ${SECRETS_FILE}.
`)
}

await start()
