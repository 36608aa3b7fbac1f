import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import * as z from 'zod'
import { createBuckets } from './buckets.ts'
import { findSettingFault, type SettingFault } from './check-settings.ts'
import { readOrCreateCredentials, SECRET_NAMES, type Credentials } from './credentials.ts'
import { printForm } from './form.ts'
import { fail, runWrangler, runWranglerVisibly } from './wrangler.ts'

const SECRETS_FILE = '.deploy.vars'
const SCRATCH = '.wrangler/deploy'
const DATABASE = 'yespo-receiver'
const QUEUES = ['yespo-activity', 'yespo-dead-letters', 'yespo-windows']

const named = z.array(z.object({ name: z.string() }))
const outputEntry = z.object({ type: z.string(), targets: z.array(z.string()).optional() })

/**
 * `npm run deploy`: the first time creates the database, the queues, the bucket if there is to be one,
 * and the credentials; every time migrates the database and then uploads the Worker, whose code may
 * count on the migrated tables.
 */
async function deploy(): Promise<void> {
  await signIn()
  const secretsThere = await listSecrets()
  const credentials = chooseCredentials(secretsThere)
  const fault = findSettingFault(credentials)
  if (fault) fail(`Nothing was deployed, as ${describe(fault)}`)
  await createDatabase()
  for (const queue of QUEUES) await createQueue(queue)
  await createBuckets()
  console.log('Migrating the database …')
  const migration = await runWrangler('d1', 'migrations', 'apply', 'DB', '--remote')
  if (!migration.ok) fail('The database could not be migrated; nothing was deployed:', migration)
  const url = await upload(credentials)
  if (credentials) await withdrawSecrets(secretsThere.filter((name) => !(name in credentials)))
  printForm(`${url}/webhooks/yespo`, credentials, SECRETS_FILE)
}

function describe({ message, isGrave }: SettingFault): string {
  return `${isGrave ? 'the receiver would refuse everyone' : 'a setting is wrong'}. ${message}`
}

async function signIn(): Promise<void> {
  const known = await runWrangler('whoami', '--json')
  if (known.ok) return
  if (process.env['CLOUDFLARE_API_TOKEN']) {
    fail('Cloudflare does not accept CLOUDFLARE_API_TOKEN:', known)
  }
  if (!process.stdin.isTTY || process.env['CI']) {
    fail('Not signed in to Cloudflare. Set CLOUDFLARE_API_TOKEN, or run this in a terminal.')
  }
  console.log('Sign in to Cloudflare; a browser opens. A free account will do.')
  if ((await runWranglerVisibly(['login'])) !== 0) {
    fail('Not signed in. On a machine without a browser, set CLOUDFLARE_API_TOKEN and try again.')
  }
}

/** The names of the secrets that the Worker has; none where there is no Worker yet. */
async function listSecrets(): Promise<string[]> {
  const listing = await runWrangler('secret', 'list', '--format', 'json')
  if (listing.ok) return named.parse(JSON.parse(listing.stdout)).map(({ name }) => name)
  // New credentials must never replace those that Yespo has because a look-up failed.
  if (!listing.stderr.includes('not found')) {
    fail('The secrets of the Worker could not be listed:', listing)
  }
  return []
}

/**
 * The credentials to deploy: those of the file, which may be edited to change them, or new ones.
 * Undefined where the Worker has some already and this machine does not know them: they stay.
 */
function chooseCredentials(secretsThere: readonly string[]): Credentials | undefined {
  if (!existsSync(SECRETS_FILE) && secretsThere.includes('READ_TOKEN')) return undefined
  const { credentials, created } = readOrCreateCredentials(SECRETS_FILE)
  if (created) console.log(`Made credentials in ${SECRETS_FILE}; keep that file to yourself.`)
  return credentials
}

async function createDatabase(): Promise<void> {
  const listing = await runWrangler('d1', 'list', '--json')
  if (!listing.ok) fail('The databases of the account could not be listed:', listing)
  const databases = named.parse(JSON.parse(listing.stdout))
  if (databases.some(({ name }) => name === DATABASE)) return
  console.log(`Creating the database ${DATABASE} …`)
  const creation = await runWrangler('d1', 'create', DATABASE)
  if (!creation.ok) fail('The database could not be created:', creation)
}

async function createQueue(name: string): Promise<void> {
  if ((await runWrangler('queues', 'info', name)).ok) return
  console.log(`Creating the queue ${name} …`)
  const creation = await runWrangler('queues', 'create', name)
  if (!creation.ok) fail(`The queue ${name} could not be created:`, creation)
}

/** @returns the deployed Worker's address, without a slash at its end */
async function upload(credentials: Credentials | undefined): Promise<string> {
  mkdirSync(SCRATCH, { recursive: true })
  const outputFile = `${SCRATCH}/output.ndjson`
  rmSync(outputFile, { force: true })
  const code = await withSecretsFile(credentials, (args) =>
    runWranglerVisibly(['deploy', ...args], { WRANGLER_OUTPUT_FILE_PATH: outputFile }),
  )
  if (code !== 0) fail('The Worker was not deployed; wrangler says above why.')
  const lines = readFileSync(outputFile, 'utf8').trim().split('\n')
  const entries = lines.map((line) => outputEntry.parse(JSON.parse(line)))
  const target = entries.find(({ type }) => type === 'deploy')?.targets?.[0] ?? 'YOUR-WORKER'
  return target.startsWith('http') ? target.replace(/\/$/, '') : `https://${target}`
}

/** Lends wrangler the secrets in a file, in JSON: in its own form it takes a "$" for a variable. */
async function withSecretsFile<T>(
  secrets: Readonly<Record<string, string>> | undefined,
  work: (args: string[]) => Promise<T>,
): Promise<T> {
  if (!secrets) return work([])
  const file = `${SCRATCH}/secrets.json`
  writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 })
  try {
    return await work(['--secrets-file', file])
  } finally {
    rmSync(file, { force: true })
  }
}

/** Takes secrets away that the file no longer has: an upload keeps them, and so who knows them gets in. */
async function withdrawSecrets(names: readonly string[]): Promise<void> {
  for (const name of names.filter((each) => SECRET_NAMES.includes(each))) {
    console.log(`Withdrawing ${name} …`)
    const removal = await runWrangler('secret', 'delete', name)
    if (!removal.ok) fail(`${name} is still in force, as it could not be withdrawn:`, removal)
  }
}

await deploy()
