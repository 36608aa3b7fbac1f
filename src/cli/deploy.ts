import { existsSync } from 'node:fs'
import * as z from 'zod'
import { listWebhookUrls } from './address.ts'
import { findSettingError } from './check-settings.ts'
import { explainErrors, failAt } from './deploy/cloudflare-errors.ts'
import { runWith, type Config } from './config.ts'
import { readOrCreateCredentials, type Credentials } from './credentials.ts'
import { printForm } from './form.ts'
import { addSecrets, IS_WORKERS_BUILD, reportSettings } from './deploy/deployed-secrets.ts'
import { filesOf, readInstance } from './deploy/instance.ts'
import { readOptions } from './options.ts'
import { reportResponse, reportMissing } from './deploy/report.ts'
import { createResources } from './deploy/resources.ts'
import { upload } from './deploy/upload.ts'
import { fail, runWrangler, runWranglerVisibly } from './wrangler.ts'
import { SECRET_NAMES } from '../settings/table.ts'

const USAGE = `Deploys the receiver, or a new version of it, to Cloudflare: creates the database and queues, uploads the Worker,
and checks its webhook. Run it again after every change; it creates nothing twice and keeps the credentials.

  npm run deploy
  npm run deploy -- --instance NAME

  --instance NAME   another receiver in the same account, such as staging: with wrangler.NAME.toml, created
                    the first time, and credentials in .deploy.NAME.vars`

const OPTIONS = { instance: { type: 'string' } } as const

const IS_CI = IS_WORKERS_BUILD || Boolean(process.env['CI'])

const named = z.array(z.object({ name: z.string() }))

/**
 * `npm run deploy`: the first time creates the database, the queues, the bucket if there is to be one,
 * and the credentials; every time migrates the database and then uploads the Worker, whose code may
 * rely on the migrated tables.
 */
async function deploy(): Promise<void> {
  const { instance } = readOptions(OPTIONS, USAGE)
  const { secrets: secretsFile } = filesOf(instance)
  const config = readInstance(instance)
  if (!config) return
  await signIn()
  const deployedSecrets = await listSecrets(config)
  const credentials = chooseCredentials(secretsFile, deployedSecrets)
  const error = findSettingError(credentials, config.file)
  if (error) {
    const { message, rejected } = error
    const effect = rejected ? `the receiver would reject ${rejected}` : 'a setting is invalid'
    fail(`Nothing was deployed: ${effect}. ${message}`)
  }
  await createResources(config)
  console.log('Migrating the database …')
  const migration = await runWith(config, 'd1', 'migrations', 'apply', 'DB', '--remote')
  if (!migration.ok) failAt('Nothing was deployed: the database could not be migrated.', migration)
  const secrets = credentials ?? addSecrets(deployedSecrets)
  const { state, targets, errors } = await upload(config, secrets)
  if (state === 'cancelled') fail('Nothing was deployed: you answered no.')
  if (state === 'failed') {
    const explained = explainErrors(errors).map((each) => `\n\n${each}`)
    fail(`The Worker was not deployed; see wrangler's message above.${explained.join('')}`)
  }
  if (credentials) await deleteSecrets(config, deployedSecrets, credentials)
  const urls = listWebhookUrls(targets)
  const isComplete = state === 'deployed'
  const shown = credentials && hideInCi(credentials, secretsFile)
  for (const url of urls.slice(0, 1)) printForm(url, shown, secretsFile, isComplete)
  if (!isComplete) reportMissing(errors)
  const isReachable = await reportResponse(urls)
  const [url] = urls
  const isValid = credentials || url === undefined || (await reportSettings(url))
  if (!isComplete || !isReachable || !isValid) process.exitCode = 1
}

async function signIn(): Promise<void> {
  const identity = await runWrangler('whoami', '--json')
  if (identity.ok) return
  if (process.env['CLOUDFLARE_API_TOKEN']) {
    failAt('Cloudflare does not accept CLOUDFLARE_API_TOKEN.', identity)
  }
  if (!process.stdin.isTTY || IS_CI) {
    fail('Not signed in to Cloudflare. Set CLOUDFLARE_API_TOKEN, or run this in a terminal.')
  }
  console.log('Sign in to Cloudflare in the browser. A free account is enough.')
  if ((await runWranglerVisibly(['login'])) !== 0) {
    fail('Not signed in. On a machine without a browser, set CLOUDFLARE_API_TOKEN and try again.')
  }
}

/** The names of the secrets that the Worker has; none without a Worker. */
async function listSecrets(config: Config): Promise<string[]> {
  const listing = await runWith(config, 'secret', 'list', '--name', config.name, '--format', 'json')
  if (listing.ok) return named.parse(JSON.parse(listing.stdout)).map(({ name }) => name)
  // A failed look-up must never lead to new credentials, which Yespo does not have.
  if (!listing.stderr.includes('not found')) {
    failAt('Nothing was deployed: the secrets of the Worker could not be listed.', listing)
  }
  return []
}

/**
 * The credentials to deploy: those of the file, which may be edited to change them, or new ones. Undefined if the
 * Worker has some that are not on this machine, or will get them in the dashboard: they stay.
 */
function chooseCredentials(
  file: string,
  deployedSecrets: readonly string[],
): Credentials | undefined {
  const isFile = existsSync(file)
  if (!isFile && (IS_WORKERS_BUILD || deployedSecrets.includes('READ_TOKEN'))) return undefined
  if (!isFile && IS_CI) {
    fail(`Nothing was deployed: there is no ${file}. New credentials would be lost, or shown to everyone who can read
this log. Deploy from your own machine first, or create the file from the secrets of this service.`)
  }
  const { credentials, created } = readOrCreateCredentials(file)
  if (created) console.log(`Created ${file} with new credentials; keep it secret.`)
  return credentials
}

/** Others may read the log of a CI service. */
function hideInCi(credentials: Credentials, file: string): Credentials {
  if (!IS_CI) return credentials
  return Object.fromEntries(Object.keys(credentials).map((name) => [name, `(${name} of ${file})`]))
}

/** Deletes secrets that the file no longer has: an upload would keep them in effect. */
async function deleteSecrets(
  config: Config,
  deployed: readonly string[],
  credentials: Credentials,
): Promise<void> {
  for (const name of deployed.filter(
    (each) => SECRET_NAMES.some((name) => name === each) && !(each in credentials),
  )) {
    console.log(`Deleting the secret ${name} …`)
    const removal = await runWith(config, 'secret', 'delete', name, '--name', config.name)
    if (!removal.ok)
      failAt(`The secret ${name} could not be deleted and is still in effect.`, removal)
  }
}

await deploy()
