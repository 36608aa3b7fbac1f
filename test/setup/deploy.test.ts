import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readCredentials } from '../../src/setup/credentials.ts'
import { Checkout, type Program } from './checkout.ts'
import { FakeCloudflare } from './fake-cloudflare.ts'

let checkout: Checkout
let cloudflare: FakeCloudflare
let api: string

beforeEach(async () => {
  checkout = new Checkout()
  cloudflare = new FakeCloudflare()
  api = await cloudflare.listen()
})

afterEach(() => {
  cloudflare.close()
  checkout.remove()
})

async function deploy(expectedCode = 0, env: Record<string, string> = {}): Promise<Program> {
  const program = checkout.run('src/setup/deploy.ts', [], {
    CLOUDFLARE_API_BASE_URL: api,
    CLOUDFLARE_API_TOKEN: 'token',
    CLOUDFLARE_ACCOUNT_ID: 'account',
    ...env,
  })
  expect([await program.done, program.output]).toEqual([expectedCode, expect.anything()])
  return program
}

const secretsFile = () => join(checkout.folder, '.deploy.vars')
const place = (pattern: RegExp) =>
  cloudflare.calls.findIndex(({ method, path, body }) => pattern.test(`${method} ${path} ${body}`))

it('takes an empty account to a registered webhook, in the right order', async () => {
  const { output } = await deploy()
  expect([...cloudflare.databases]).toEqual(['yespo-receiver'])
  expect([...cloudflare.queues]).toEqual(['yespo-activity', 'yespo-dead-letters', 'yespo-windows'])
  expect(place(/CREATE TABLE activity/)).toBeGreaterThan(-1)
  expect(place(/^PUT .*\/scripts\/yespo-receiver/)).toBeGreaterThan(place(/CREATE TABLE activity/))
  expect(place(/^POST .*\/queues\/yespo-dead-letters\/consumers/)).toBeGreaterThan(-1)

  const credentials = readCredentials(secretsFile()) ?? {}
  expect(Object.fromEntries(cloudflare.secrets)).toEqual(credentials)
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
  expect(existsSync(join(checkout.folder, '.wrangler/deploy/secrets.json'))).toBe(false)
  const config = readFileSync(join(checkout.folder, 'wrangler.toml'), 'utf8')
  expect(config).not.toContain('database_id')
})

it('keeps the credentials that are there, whoever deploys next', async () => {
  await deploy()
  const before = Object.fromEntries(cloudflare.secrets)
  await deploy()
  expect(Object.fromEntries(cloudflare.secrets)).toEqual(before)
  rmSync(secretsFile()) // another machine
  const { output } = await deploy()
  expect(Object.fromEntries(cloudflare.secrets)).toEqual(before)
  expect(existsSync(secretsFile())).toBe(false)
  expect(output).toContain('not known on this machine')
  expect(output).not.toContain('Authentication')
  expect(cloudflare.queues.size).toBe(3)
})

it('withdraws the previous credentials when they are taken out of the file', async () => {
  await deploy()
  const before = readFileSync(secretsFile(), 'utf8')
  const rotating = before.replace(/^(WEBHOOK_(?:LOGIN|PASSWORD)_PREVIOUS)=.*$/gm, '$1="old-value"')
  writeFileSync(secretsFile(), rotating)
  await deploy()
  expect(cloudflare.secrets.get('WEBHOOK_PASSWORD_PREVIOUS')).toBe('old-value')
  writeFileSync(secretsFile(), before)
  await deploy()
  expect([...cloudflare.secrets.keys()].sort()).toEqual(
    Object.keys(readCredentials(secretsFile()) ?? {}).sort(),
  )
})

it('deploys nothing that would refuse everyone', async () => {
  writeFileSync(secretsFile(), 'WEBHOOK_LOGIN="yespo"\nREAD_TOKEN="token"\n')
  const { output } = await deploy(1)
  expect(output).toContain('The setting WEBHOOK_PASSWORD is missing')
  expect(cloudflare.calls.every(({ method }) => method === 'GET')).toBe(true)
})

it.each([
  [
    'KEEP_DAYS = "400"',
    'KEEP_DAYS = "400 days"',
    'as a setting is wrong. The setting KEEP_DAYS is',
  ],
  [
    'YESPO_TIME_ZONE = "UTC"',
    'YESPO_TIME_ZONE = "Mars"',
    'refuse everyone. The setting YESPO_TIME',
  ],
])('deploys nothing with a wrong %s, whether it knows the credentials or not', async (...given) => {
  const [right, wrong, said] = given
  const file = join(checkout.folder, 'wrangler.toml')
  const config = readFileSync(file, 'utf8')
  expect(config).toContain(right)
  await deploy()
  const uploads = () => cloudflare.calls.filter(({ method }) => method !== 'GET').length
  const before = uploads()
  writeFileSync(file, config.replace(right, wrong))
  expect((await deploy(1)).output).toContain(said)
  rmSync(secretsFile()) // another machine
  expect((await deploy(1)).output).toContain(said)
  expect(uploads()).toBe(before)
})

it.each([
  [{ CLOUDFLARE_API_TOKEN: '' }, /Not signed in to Cloudflare/],
  [{ CLOUDFLARE_API_TOKEN: 'wrong' }, /does not accept CLOUDFLARE_API_TOKEN/],
])('says what to do where nobody is signed in: %j', async (env, expected) => {
  cloudflare.broken = /./
  const config = { XDG_CONFIG_HOME: checkout.folder, HOME: checkout.folder }
  const { output } = await deploy(1, { ...config, ...env })
  expect(output).toMatch(expected)
})

it('makes no new credentials where it could not find out whether there are some', async () => {
  cloudflare.broken = /\/secrets$/
  const { output } = await deploy(1)
  expect(output).toContain('The secrets of the Worker could not be listed')
  expect(place(/^PUT .*\/scripts\//)).toBe(-1)
})

describe('with a bucket in wrangler.toml', () => {
  beforeEach(() => checkout.nameBucket())

  it('creates it once, before the database is migrated and the Worker uploaded', async () => {
    const { output } = await deploy()
    expect(output).toContain('Created the bucket yespo-archive.')
    expect([...cloudflare.buckets]).toEqual(['yespo-archive'])
    const order = [
      /^GET .*\/scripts\/yespo-receiver\/secrets/,
      /^POST .*\/d1\/database /,
      /^POST .*\/queues .*yespo-dead-letters/,
      /^POST .*\/r2\/buckets /,
      /CREATE TABLE activity/,
      /^PUT .*\/scripts\/yespo-receiver\?.*"bucket_name":"yespo-archive"/s,
      /^PUT .*\/schedules/,
    ].map(place)
    expect(order).not.toContain(-1)
    expect(order.toSorted((a, b) => a - b)).toEqual(order)
    const last = cloudflare.calls.length
    await deploy()
    const again = cloudflare.calls.slice(last)
    expect(again.filter(({ method, path }) => method === 'POST' && /buckets/.test(path))).toEqual(
      [],
    )
  })

  it('needs no permission for the figures of a bucket that is there', async () => {
    cloudflare.buckets.add('yespo-archive')
    cloudflare.broken = /\/graphql$/
    await deploy()
    expect(cloudflare.deployed).toBe(true)
  })

  it('says what to do where R2 is not enabled, and deploys nothing', async () => {
    cloudflare.hasR2 = false
    const { output } = await deploy(1)
    expect(output).toMatch(/R2 is not enabled.*dash\.cloudflare\.com.*put the "#" back/s)
    expect(place(/CREATE TABLE activity/)).toBe(-1)
    expect(cloudflare.deployed).toBe(false)
  })
})

it('asks for no bucket where wrangler.toml names none', async () => {
  cloudflare.hasR2 = false
  await deploy()
  expect(place(/r2\/buckets/)).toBe(-1)
})

it('uploads nothing where the database could not be migrated', async () => {
  cloudflare.broken = /\/query$/
  const { output } = await deploy(1)
  expect(output).toContain('The database could not be migrated; nothing was deployed')
  expect(place(/^PUT .*\/scripts\//)).toBe(-1)
})
