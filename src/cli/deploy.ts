import { existsSync } from 'node:fs'
import * as z from 'zod'
import { listWebhookUrls } from './address.ts'
import { findSettingError, type SettingError } from './check-settings.ts'
import { explainErrors, failAt } from './deploy/cloudflare-errors.ts'
import { runWith, type Config } from './config.ts'
import { readOrCreateCredentials, type Credentials } from './credentials.ts'
import { printForm } from './form.ts'
import { filesOf, readInstance } from './instance.ts'
import { readOptions } from './options.ts'
import { reportResponse, reportMissing } from './deploy/report.ts'
import { createResources } from './deploy/resources.ts'
import { upload } from './deploy/upload.ts'
import { fail, runWrangler, runWranglerVisibly } from './wrangler.ts'
import { SECRET_NAMES } from '../settings/table.ts'

const USAGE = `Puts the receiver on Cloudflare, or a new version of it: creates what it needs, uploads it, and asks whether
it answers. Run it again after every change; it creates nothing twice and keeps the credentials.

  npm run deploy
  npm run deploy -- --instance NAME

  --instance NAME   another receiver in the same account, such as staging: with wrangler.NAME.toml, which
                    is made the first time, and its credentials in .deploy.NAME.vars`

const OPTIONS = { instance: { type: 'string' } } as const

const IS_CI = Boolean(process.env['CI'] || process.env['WORKERS_CI'])

const named = z.array(z.object({ name: z.string() }))

/**
 * `npm run deploy`: the first time creates the database, the queues, the bucket if there is to be one,
 * and the credentials; every time migrates the database and then uploads the Worker, whose code may
 * count on the migrated tables.
 */
async function deploy(): Promise<void> {
  const { instance } = readOptions(OPTIONS, USAGE)
  const { secrets: secretsFile } = filesOf(instance)
  const config = readInstance(instance)
  if (!config) return
  await signIn()
  const secretsThere = await listSecrets(config)
  const credentials = chooseCredentials(secretsFile, secretsThere)
  const fault = findSettingError(credentials, config.file)
  if (fault) fail(`Nothing was deployed, as ${describe(fault)}`)
  await createResources(config)
  console.log('Migrating the database …')
  const migration = await runWith(config, 'd1', 'migrations', 'apply', 'DB', '--remote')
  if (!migration.ok) failAt('Nothing was deployed: the database could not be migrated.', migration)
  const { state, targets, errors } = await upload(config, credentials)
  if (state === 'cancelled') fail('Nothing was deployed, as you said no.')
  if (state === 'failed') {
    const explained = explainErrors(errors).map((each) => `\n\n${each}`)
    fail(`The Worker was not deployed; wrangler says above why.${explained.join('')}`)
  }
  if (credentials) await withdrawSecrets(config, secretsThere, credentials)
  const urls = listWebhookUrls(targets)
  const isComplete = state === 'deployed'
  const shown = credentials && hideInCi(credentials, secretsFile)
  for (const url of urls.slice(0, 1)) printForm(url, shown, secretsFile, isComplete)
  if (!isComplete) reportMissing(errors)
  const isReachable = await reportResponse(urls)
  if (!isComplete || !isReachable) process.exitCode = 1
}

function describe({ message, isGrave }: SettingError): string {
  return `${isGrave ? 'the receiver would refuse everyone' : 'a setting is wrong'}. ${message}`
}

async function signIn(): Promise<void> {
  const known = await runWrangler('whoami', '--json')
  if (known.ok) return
  if (process.env['CLOUDFLARE_API_TOKEN']) {
    failAt('Cloudflare does not accept CLOUDFLARE_API_TOKEN.', known)
  }
  if (!process.stdin.isTTY || IS_CI) {
    fail('Not signed in to Cloudflare. Set CLOUDFLARE_API_TOKEN, or run this in a terminal.')
  }
  console.log('Sign in to Cloudflare; a browser opens. A free account will do.')
  if ((await runWranglerVisibly(['login'])) !== 0) {
    fail('Not signed in. On a machine without a browser, set CLOUDFLARE_API_TOKEN and try again.')
  }
}

/** The names of the secrets that the Worker has; none where there is no Worker yet. */
async function listSecrets(config: Config): Promise<string[]> {
  const listing = await runWith(config, 'secret', 'list', '--format', 'json')
  if (listing.ok) return named.parse(JSON.parse(listing.stdout)).map(({ name }) => name)
  // New credentials must never replace those that Yespo has because a look-up failed.
  if (!listing.stderr.includes('not found')) {
    failAt('Nothing was deployed: the secrets of the Worker could not be listed.', listing)
  }
  return []
}

/**
 * The credentials to deploy: those of the file, which may be edited to change them, or new ones.
 * Undefined where the Worker has some already and this machine does not know them: they stay.
 */
function chooseCredentials(file: string, secretsThere: readonly string[]): Credentials | undefined {
  if (!existsSync(file) && secretsThere.includes('READ_TOKEN')) return undefined
  if (!existsSync(file) && IS_CI) {
    fail(`Nothing was deployed: there is no ${file}, and credentials that are made here would be lost, or shown to all
who can read this log. Deploy once from a machine of yours, or write the file from the secrets of this service.`)
  }
  const { credentials, created } = readOrCreateCredentials(file)
  if (created) console.log(`Made credentials in ${file}; keep that file to yourself.`)
  return credentials
}

/** What a machine prints, others may read later. */
function hideInCi(credentials: Credentials, file: string): Credentials {
  if (!IS_CI) return credentials
  return Object.fromEntries(Object.keys(credentials).map((name) => [name, `(${name} of ${file})`]))
}

/** Takes secrets away that the file no longer has: an upload keeps them, and so who knows them gets in. */
async function withdrawSecrets(
  config: Config,
  there: readonly string[],
  credentials: Credentials,
): Promise<void> {
  for (const name of there.filter(
    (each) => SECRET_NAMES.some((name) => name === each) && !(each in credentials),
  )) {
    console.log(`Withdrawing ${name} …`)
    const removal = await runWith(config, 'secret', 'delete', name)
    if (!removal.ok) failAt(`${name} is still in force, as it could not be withdrawn.`, removal)
  }
}

await deploy()
