import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { readOrCreateCredentials, type Credentials } from './credentials.ts'
import { printForm } from './form.ts'
import { fail, runWrangler, runWranglerVisibly } from './wrangler.ts'

const SECRETS_FILE = '.deploy.vars'
const SCRATCH = '.wrangler/deploy'
const DATABASE = 'yespo-receiver'
const QUEUES = ['yespo-activity', 'yespo-dead-letters']

/**
 * `npm run deploy`: the first time creates the database, the queues and the credentials; every time
 * migrates the database and then uploads the Worker, whose code may count on the migrated tables.
 */
async function deploy(): Promise<void> {
  await signIn()
  await createDatabase()
  for (const queue of QUEUES) await createQueue(queue)
  console.log('Migrating the database …')
  const migration = await runWrangler('d1', 'migrations', 'apply', 'DB', '--remote')
  if (!migration.ok) fail('The database could not be migrated; nothing was deployed:', migration)
  const credentials = await chooseCredentials()
  const url = await upload(credentials)
  printForm(`${url}/webhooks/yespo`, credentials, SECRETS_FILE)
}

async function signIn(): Promise<void> {
  if ((await runWrangler('whoami', '--json')).ok) return
  console.log('Sign in to Cloudflare; a browser opens. A free account will do.')
  if ((await runWranglerVisibly(['login'])) !== 0) {
    fail('Not signed in. On a machine without a browser, set CLOUDFLARE_API_TOKEN and try again.')
  }
}

async function createDatabase(): Promise<void> {
  const listing = await runWrangler('d1', 'list', '--json')
  if (!listing.ok) fail('The databases of the account could not be listed:', listing)
  const databases = JSON.parse(listing.stdout) as { name: string }[]
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

/**
 * The credentials to deploy: those of the file, which may be edited to change them, or new ones.
 * Undefined where the Worker has some already and this machine does not know them: they stay.
 */
async function chooseCredentials(): Promise<Credentials | undefined> {
  if (!existsSync(SECRETS_FILE)) {
    const listing = await runWrangler('secret', 'list', '--format', 'json')
    if (listing.ok && listing.stdout.includes('READ_TOKEN')) return undefined
    // New ones must never replace those that Yespo has because a look-up failed.
    if (!listing.ok && !listing.stderr.includes('not found')) {
      fail('The secrets of the Worker could not be listed:', listing)
    }
  }
  const { credentials, created } = readOrCreateCredentials(SECRETS_FILE)
  if (created) console.log(`Made credentials in ${SECRETS_FILE}; keep that file to yourself.`)
  return credentials
}

/** @returns the deployed Worker's address, without a slash at its end */
async function upload(credentials: Credentials | undefined): Promise<string> {
  mkdirSync(SCRATCH, { recursive: true })
  const [secretsFile, outputFile] = [`${SCRATCH}/secrets.json`, `${SCRATCH}/output.ndjson`]
  rmSync(outputFile, { force: true })
  const args = ['deploy']
  if (credentials) {
    // As JSON: in its own form wrangler would take a "$" in a password for a variable.
    writeFileSync(secretsFile, JSON.stringify(credentials), { mode: 0o600 })
    args.push('--secrets-file', secretsFile)
  }
  try {
    const code = await runWranglerVisibly(args, { WRANGLER_OUTPUT_FILE_PATH: outputFile })
    if (code !== 0) fail('The Worker was not deployed; wrangler says above why.')
  } finally {
    rmSync(secretsFile, { force: true })
  }
  return readAddress(outputFile)
}

function readAddress(outputFile: string): string {
  const lines = readFileSync(outputFile, 'utf8').trim().split('\n')
  const entries = lines.map((line) => JSON.parse(line) as { type?: string; targets?: string[] })
  const target =
    entries.find(({ type }) => type === 'deploy')?.targets?.[0] ?? 'https://YOUR-WORKER'
  return target.startsWith('http') ? target.replace(/\/$/, '') : `https://${target}`
}

await deploy()
