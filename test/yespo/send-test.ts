import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs, styleText } from 'node:util'
import { readCredentials, type Credentials } from '../../src/setup/credentials.ts'
import { showStored } from './show-stored.ts'

const USAGE = `Sends a test request as Yespo's "Send test" does, and shows what came of it.

  npm run send-test -- [options]

  --url URL                where to (http://localhost:8787/webhooks/yespo)
  --login L --password P   Basic credentials (those in .dev.vars)
  --header 'Name: value'   a header to add; up to 5
  --file body.json         what to send, byte for byte (Yespo's samples)
  --token T                read token, to show what was stored (READ_TOKEN in .dev.vars)

The "--" before the options is npm's, which keeps them for itself otherwise.`

const LOCAL_URL = 'http://localhost:8787/webhooks/yespo'
const MAX_HEADERS = 5
const SAMPLES = ['broadcast', 'triggered'].map((name) => ({
  name: `sample-${name}.json`,
  file: join(import.meta.dirname, `../samples/sample-${name}.json`),
}))

type Target = { url: string; headers: Headers; token: string | undefined }

function readTarget(): Target & { bodies: { name: string; file: string }[] } {
  const { values } = parseArgs({
    options: {
      url: { type: 'string' },
      login: { type: 'string' },
      password: { type: 'string' },
      header: { type: 'string', multiple: true, default: [] },
      file: { type: 'string' },
      token: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    console.log(USAGE)
    process.exit(0)
  }
  const url = values.url ?? LOCAL_URL
  // The local credentials are for a receiver on this machine and go nowhere else.
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname)
  const known: Credentials = (isLocal ? readCredentials('.dev.vars') : undefined) ?? {}
  const headers = new Headers({ 'Content-Type': 'application/json' })
  const login = values.login ?? known['WEBHOOK_LOGIN']
  const password = values.password ?? known['WEBHOOK_PASSWORD'] ?? ''
  if (login !== undefined) {
    const pair = Buffer.from(`${login}:${password}`).toString('base64')
    headers.set('Authorization', `Basic ${pair}`)
  }
  const lines =
    values.header.length > 0
      ? values.header
      : (known['WEBHOOK_HEADERS'] ?? '').split('\n').filter(Boolean)
  if (lines.length > MAX_HEADERS) throw new Error(`Yespo sends at most ${MAX_HEADERS} headers`)
  for (const line of lines) {
    const [name = '', ...value] = line.split(':')
    if (value.length === 0) throw new Error(`--header takes 'Name: value', not '${line}'`)
    // HTTP carries bytes, which fetch takes as characters.
    headers.set(name.trim(), Buffer.from(value.join(':').trim()).toString('latin1'))
  }
  const bodies = values.file === undefined ? SAMPLES : [{ name: values.file, file: values.file }]
  return { url, headers, token: values.token ?? known['READ_TOKEN'], bodies }
}

/** @returns how many events were taken; undefined for any answer but 200, Yespo's only success */
async function send(
  name: string,
  body: Buffer,
  { url, headers }: Target,
): Promise<number | undefined> {
  const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) })
  const answer = await response.text()
  if (response.status === 200) {
    console.log(styleText('green', `✔ ${name}: ${response.status} ${answer}`))
    return countAccepted(answer)
  }
  console.log(styleText('red', `✘ ${name}: ${response.status} ${response.statusText}`))
  for (const header of ['WWW-Authenticate', 'Allow', 'Retry-After']) {
    const value = response.headers.get(header)
    if (value !== null) console.log(`  ${header}: ${value}`)
  }
  console.log(answer)
  return undefined
}

/** Any receiver can be aimed at; only ours says how many events it took. */
function countAccepted(answer: string): number {
  try {
    const { accepted } = JSON.parse(answer) as { accepted?: unknown }
    return typeof accepted === 'number' ? accepted : 0
  } catch {
    return 0
  }
}

async function main(): Promise<boolean> {
  const target = readTarget()
  const bodies = target.bodies.map(({ name, file }) => ({ name, body: readFileSync(file) }))
  let accepted = 0
  for (const { name, body } of bodies) {
    const taken = await send(name, body, target)
    if (taken === undefined) return false
    accepted += taken
  }
  if (accepted === 0) return true
  if (target.token === undefined) {
    console.log('Give --token to see what was stored.')
    return true
  }
  const sent = bodies.map(({ body }) => body)
  return showStored(target.url, target.token, sent, accepted)
}

try {
  process.exitCode = (await main()) ? 0 : 1
} catch (error) {
  const { message, cause } = error as Error
  const hint = message.includes('positional')
    ? '\nWrite npm run send-test -- --url …, with the "--".'
    : ''
  const reason = cause instanceof Error ? `: ${cause.message || 'nothing answers there'}` : ''
  console.error(styleText('red', `✘ ${message}${reason}${hint}`))
  process.exitCode = 1
}
