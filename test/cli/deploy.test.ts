import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readCredentials } from '../../src/cli/credentials.ts'
import { Deploying } from './deploying.ts'
import { FakeWorker, QUEUES } from './fake-account.ts'
import { describeInTerminal, TERMINALS } from './terminal.ts'

let deploying: Deploying

beforeEach(async () => {
  deploying = await new Deploying().begin()
})

afterEach(() => deploying.end())

const deploy: Deploying['deploy'] = (...given) => deploying.deploy(...given)
const findCall = (pattern: RegExp) => deploying.findCall(pattern)
const secretsFile = () => join(deploying.checkout.folder, '.deploy.vars')
const worker = () => deploying.cloudflare.workers.get('yespo-receiver')
const secrets = () => Object.fromEntries(worker()?.secrets ?? [])

const NOW =
  'WEBHOOK_LOGIN="a"\nWEBHOOK_PASSWORD="password-for-tests"\nREAD_TOKEN="token-for-the-tests"\n'
const PREVIOUS = 'WEBHOOK_LOGIN_PREVIOUS="d"\nWEBHOOK_PASSWORD_PREVIOUS="earlier-password"\n'

/** Adds a Worker that was deployed before. @param vars the text of its file of secrets */
function addWorker(vars: string): Record<string, string> {
  const deployed = new FakeWorker()
  for (const [, name = '', value = ''] of vars.matchAll(/^(\w+)="(.*)"$/gm)) {
    deployed.secrets.set(name, value)
  }
  deploying.cloudflare.workers.set('yespo-receiver', deployed)
  return secrets()
}

it('sets up an empty account, without R2, up to the registered webhook, in the right order', async () => {
  deploying.cloudflare.hasR2 = false
  const { output } = await deploy()
  expect(output).toMatch(/wherever Cloudflare finds best\.\nThis can never be changed later/)
  const [database] = deploying.cloudflare.databases.values()
  expect(database?.jurisdiction).toBeNull()
  expect([...deploying.cloudflare.queues.values()].some((queue) => 'jurisdiction' in queue)).toBe(
    false,
  )
  expect([...deploying.cloudflare.databases.keys()]).toEqual(['yespo-receiver'])
  expect([...deploying.cloudflare.queues.keys()]).toEqual(QUEUES)
  expect(findCall(/r2\/buckets/)).toBe(-1)
  expect(findCall(/CREATE TABLE activity/)).toBeGreaterThan(-1)
  expect(findCall(/^PUT .*\/scripts\/yespo-receiver/)).toBeGreaterThan(
    findCall(/CREATE TABLE activity/),
  )
  expect(findCall(/^POST .*\/queues\/id-of-yespo-dead-letters\/consumers/)).toBeGreaterThan(-1)

  const credentials = readCredentials(secretsFile()) ?? {}
  expect(secrets()).toEqual(credentials)
  expect(credentials['WEBHOOK_PASSWORD']).toMatch(/^[\w-]{32}$/)
  expect(output).toContain('https://yespo-receiver.example.workers.dev/webhooks/yespo')
  for (const value of Object.values(credentials)) expect(output).toContain(value)
  for (const field of [
    'Webhook name',
    'Webhook URL',
    'Authentication',
    'Login',
    'Password',
    'Headers',
    'statuses',
    'Send test',
  ]) {
    expect(output).toContain(field)
  }
  expect(output).toMatch(/Checking https:.* It responds 200: ready for Yespo\.\n$/s)
  expect(existsSync(join(deploying.checkout.folder, '.wrangler/deploy/secrets.json'))).toBe(false)
  for (const file of ['printed.txt', 'output.ndjson']) {
    const text = readFileSync(join(deploying.checkout.folder, '.wrangler/deploy', file), 'utf8')
    for (const value of Object.values(credentials))
      if (value !== 'yespo') expect(text).not.toContain(value)
  }
  // A version with a preview URL would keep its secrets valid.
  expect(
    findCall(/^POST .*\/subdomain \{"enabled":true,"previews_enabled":false\}/),
  ).toBeGreaterThan(-1)
  expect(worker()?.subdomain).toEqual({ enabled: true, previews_enabled: false })
  const config = readFileSync(join(deploying.checkout.folder, 'wrangler.toml'), 'utf8')
  expect(config).not.toContain('database_id')
})

it('keeps existing credentials, even if another machine deploys next', async () => {
  deploying.cloudflare.fill()
  const before = addWorker(NOW)
  writeFileSync(secretsFile(), NOW)
  await deploy()
  expect(secrets()).toEqual(before)
  rmSync(secretsFile()) // another machine
  const { output } = await deploy()
  expect(secrets()).toEqual(before)
  expect(existsSync(secretsFile())).toBe(false)
  expect(output).toContain('not on this machine')
  expect(output).not.toContain('Authentication')
  expect(deploying.cloudflare.queues.size).toBe(4)
})

it('revokes the previous credentials when they are removed from the file', async () => {
  deploying.cloudflare.fill()
  addWorker(NOW + PREVIOUS)
  writeFileSync(secretsFile(), NOW)
  await deploy()
  expect(secrets()).toEqual({
    WEBHOOK_LOGIN: 'a',
    WEBHOOK_PASSWORD: 'password-for-tests',
    READ_TOKEN: 'token-for-the-tests',
  })
})

it('deploys nothing that would reject everyone', async () => {
  writeFileSync(secretsFile(), 'WEBHOOK_LOGIN="yespo"\nREAD_TOKEN="token-for-the-tests"\n')
  const { output } = await deploy(1)
  expect(output).toContain('The setting WEBHOOK_PASSWORD is missing')
  expect(deploying.cloudflare.calls.every(({ method }) => method === 'GET')).toBe(true)
})

it.each([
  ['KEEP_DAYS = "400"', 'KEEP_DAYS = "400 days"', 'a setting is invalid. The setting KEEP_DAYS is'],
  [
    'YESPO_TIME_ZONE = "UTC"',
    'YESPO_TIME_ZONE = "Mars"',
    'reject everyone. The setting YESPO_TIME',
  ],
])('deploys nothing with an invalid %s, with or without known credentials', async (...given) => {
  const [right, wrong, said] = given
  addWorker(NOW)
  deploying.edit('wrangler.toml', right, wrong)
  expect((await deploy(1)).output).toContain(said) // as on another machine
  writeFileSync(secretsFile(), NOW)
  expect((await deploy(1)).output).toContain(said)
  expect(deploying.cloudflare.calls.every(({ method }) => method === 'GET')).toBe(true)
})

it.each([
  [{ CLOUDFLARE_API_TOKEN: '' }, /Not signed in to Cloudflare/],
  [{ CLOUDFLARE_API_TOKEN: 'wrong' }, /does not accept CLOUDFLARE_API_TOKEN/],
])('says what to do without a login to Cloudflare: %j', async (env, expected) => {
  deploying.cloudflare.broken = /./
  const { folder } = deploying.checkout
  const { output } = await deploy(1, [], { XDG_CONFIG_HOME: folder, HOME: folder, ...env })
  expect(output).toMatch(expected)
})

it('generates no credentials if it cannot find out whether there are any', async () => {
  deploying.cloudflare.broken = /\/secrets$/
  const { output } = await deploy(1)
  expect(output).toContain('the secrets of the Worker could not be listed')
  expect(deploying.cloudflare.workers.size).toBe(0)
})

describe('with a bucket in wrangler.toml', () => {
  beforeEach(() => deploying.checkout.nameBucket())

  it('deploys nothing if ARCHIVE_BUCKET has another name', async () => {
    deploying.edit('wrangler.toml', 'ARCHIVE_BUCKET = "yespo-archive"', 'ARCHIVE_BUCKET = "other"')
    const { output } = await deploy(1)
    expect(output).toContain('ARCHIVE_BUCKET in wrangler.toml is "other"')
    expect(deploying.cloudflare.workers.size).toBe(0)
  })

  it('creates it once, before the database is migrated and the Worker uploaded, and needs no permission for the metrics of an existing one', async () => {
    const { output } = await deploy()
    expect(output).toContain('Created the bucket yespo-archive.')
    expect([...deploying.cloudflare.buckets.keys()]).toEqual(['yespo-archive'])
    const order = [
      /^GET .*\/scripts\/yespo-receiver\/secrets/,
      /^POST .*\/d1\/database /,
      /^POST .*\/queues .*yespo-dead-letters/,
      /^POST .*\/r2\/buckets /,
      /CREATE TABLE activity/,
      /^PUT .*\/scripts\/yespo-receiver\?.*"bucket_name":"yespo-archive"/s,
      /^PUT .*\/schedules/,
    ].map(findCall)
    expect(order).not.toContain(-1)
    expect(order.toSorted((a, b) => a - b)).toEqual(order)
    const last = deploying.cloudflare.calls.length
    deploying.cloudflare.broken = /\/graphql$/
    await deploy()
    const again = deploying.cloudflare.calls.slice(last)
    expect(again.filter(({ method, path }) => method === 'POST' && /buckets/.test(path))).toEqual(
      [],
    )
  })

  it('says what to do if R2 is not enabled, and deploys nothing', async () => {
    deploying.cloudflare.fill()
    deploying.cloudflare.hasR2 = false
    const { output } = await deploy(1)
    expect(output).toMatch(/R2 is not enabled.*dash\.cloudflare\.com.*put the "#" back/s)
    expect(findCall(/CREATE TABLE activity/)).toBe(-1)
    expect(deploying.cloudflare.workers.size).toBe(0)
  })
})

it('uploads nothing if the database could not be migrated', async () => {
  deploying.cloudflare.fill()
  deploying.cloudflare.broken = /\/query$/
  const { output } = await deploy(1)
  expect(output).toContain('Nothing was deployed: the database could not be migrated')
  expect(deploying.cloudflare.workers.size).toBe(0)
})

describe('with recorded output, as on a build service', () => {
  it('generates no credentials, which would be lost or published', async () => {
    expect((await deploy(1, [], { CI: 'true' })).output).toContain('there is no .deploy.vars')
    expect(existsSync(secretsFile())).toBe(false)
    expect(deploying.cloudflare.workers.size).toBe(0)
  })

  it('prints no known credentials', async () => {
    deploying.cloudflare.fill()
    const known =
      'WEBHOOK_LOGIN="some-login"\nWEBHOOK_PASSWORD="some-long-password"\nREAD_TOKEN="some-longer-token"\n'
    writeFileSync(secretsFile(), known + PREVIOUS)
    const { output } = await deploy(0, [], { WORKERS_CI: '1' })
    expect(secrets()).toEqual(readCredentials(secretsFile()))
    expect(secrets()['WEBHOOK_PASSWORD_PREVIOUS']).toBe('earlier-password')
    expect(output).toContain('(WEBHOOK_PASSWORD of .deploy.vars)')
    expect(output).not.toMatch(/some-(login|long-password|longer-token)|earlier-password/)
  })
})

describeInTerminal('at a terminal', () => {
  beforeEach(() => {
    for (const name of QUEUES) deploying.cloudflare.createQueue(name)
  })

  it.each(TERMINALS)(
    'asks before it creates data stores that can never be moved, %s',
    async (_, env) => {
      const { output, raw } = await deploying.deployInTerminal('\r', 0, env)
      expect(deploying.cloudflare.databases.size).toBe(1)
      expect(output).toContain('https://yespo-receiver.example.workers.dev/webhooks/yespo')
      expect(output).toContain('It responds 200: ready for Yespo.')
      expect(raw.includes('\u001b[32m●')).toBe(!('NO_COLOR' in env))
      expect(worker()?.crons).toHaveLength(1)
    },
  )

  it.each(['n\r', '\u0003', '\u0004'])('creates nothing if the user presses %j', async (keys) => {
    const { output } = await deploying.deployInTerminal(keys, 1)
    expect(output).toMatch(/JURISDICTION in wrangler\.toml.*Nothing was created or deployed/s)
    expect(deploying.cloudflare.databases.size).toBe(0)
  })
})
