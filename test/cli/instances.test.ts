import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readCredentials } from '../../src/cli/credentials.ts'
import { Deploying } from './deploying.ts'
import { QUEUES } from './fake-account.ts'

let deploying: Deploying

beforeEach(async () => {
  deploying = await new Deploying().begin()
})

afterEach(() => deploying.end())

const STAGING = ['--instance', 'staging']
const inFolder = (file: string) => join(deploying.checkout.folder, file)
const read = (file: string) => readFileSync(inFolder(file), 'utf8')

/** The queues of an uploaded Worker by their bindings, and its database. */
function bindingsOf(worker: string) {
  const { cloudflare } = deploying
  const bindings = cloudflare.workers.get(worker)?.bindings ?? []
  const of = (type: string, key: string) =>
    bindings.flatMap((each) => (each['type'] === type ? each[key] : []))
  const databases = of('d1', 'id').map((id) => cloudflare.findDatabase(id ?? '').name)
  return { databases, queues: of('queue', 'queue_name'), limits: of('ratelimit', 'namespace_id') }
}

const consumersOf = (queues: readonly string[]) =>
  queues.map((name) => deploying.cloudflare.queues.get(name)?.consumer)

describe('two receivers in one account', () => {
  it('run side by side, and share nothing', async () => {
    deploying.cloudflare.fill()
    await deploying.deploy()
    const made = await deploying.deploy(0, STAGING)
    expect(made.output).toMatch(
      /Created wrangler\.staging\.toml.*--config wrangler\.staging\.toml/s,
    )
    expect(deploying.cloudflare.workers.size).toBe(1)
    const bucket = 'yespo-archive-staging'
    expect(read('wrangler.staging.toml')).toContain(`ARCHIVE_BUCKET = "${bucket}"`)
    expect(read('wrangler.staging.toml')).toContain(`bucket_name = "${bucket}"`)
    const others = QUEUES.map((name) => `${name}-staging`)
    for (const name of others) deploying.cloudflare.createQueue(name)
    const { output } = await deploying.deploy(0, STAGING)
    const url = 'https://yespo-receiver-staging.example.workers.dev/webhooks/yespo'
    expect(output).toContain(`Webhook URL       ${url}`)
    expect(output).toContain('ready for Yespo')

    const [first, second] = [bindingsOf('yespo-receiver'), bindingsOf('yespo-receiver-staging')]
    expect(first).toMatchObject({ databases: ['yespo-receiver'], queues: QUEUES })
    expect(second).toMatchObject({ databases: ['yespo-receiver-staging'], queues: others })
    expect(new Set([...first.limits, ...second.limits]).size).toBe(4)
    expect(consumersOf(QUEUES)).toEqual(Array(4).fill('yespo-receiver'))
    expect(consumersOf(others)).toEqual(Array(4).fill('yespo-receiver-staging'))

    const secrets = (worker: string) =>
      Object.fromEntries(deploying.cloudflare.workers.get(worker)?.secrets ?? [])
    expect(secrets('yespo-receiver')).toEqual(readCredentials(inFolder('.deploy.vars')))
    expect(secrets('yespo-receiver-staging')).toEqual(
      readCredentials(inFolder('.deploy.staging.vars')),
    )
    expect(secrets('yespo-receiver')['READ_TOKEN']).not.toBe(
      secrets('yespo-receiver-staging')['READ_TOKEN'],
    )
  })

  it('are rejected if they would share anything, before anything is created', async () => {
    const ROUTE = 'routes = [{ pattern = "hooks.example.com", custom_domain = true }]\n'
    deploying.edit('wrangler.toml', /^minify/m, `${ROUTE}minify`)
    deploying.edit('wrangler.toml', 'migrations_dir', 'database_id = "1234"\nmigrations_dir')
    await deploying.deploy(0, STAGING)
    expect(read('wrangler.staging.toml')).not.toContain('database_id')
    deploying.edit(
      'wrangler.staging.toml',
      'yespo-receiver-staging"\nmigr',
      'yespo-receiver"\nmigr',
    )
    const { output } = await deploying.deploy(1, STAGING)
    expect(output).toContain('wrangler.staging.toml and wrangler.toml share resources')
    expect(output).toContain('  the database yespo-receiver\n  the route hooks.example.com\n')
    expect(deploying.cloudflare.calls).toEqual([])
    expect(existsSync(inFolder('.deploy.staging.vars'))).toBe(false)
  })

  it('are rejected if their file lacks a binding that an upgrade added to wrangler.toml', async () => {
    await deploying.deploy(0, STAGING)
    deploying.edit(
      'wrangler.staging.toml',
      /\[\[queues\.producers\]\]\nbinding = "TASKS"\nqueue = .*\n/,
      '',
    )
    const { output } = await deploying.deploy(1, STAGING)
    expect(output).toMatch(/wrangler\.staging\.toml lacks.*the queue TASKS\n/s)
    expect(deploying.cloudflare.calls).toEqual([])
  })
})

it('a receiver has the names in wrangler.toml', async () => {
  const renamed = (text: string) => text.replaceAll('yespo', 'shop')
  for (const name of ['yespo-receiver', ...QUEUES]) {
    deploying.edit('wrangler.toml', new RegExp(`"${name}"`, 'g'), `"${renamed(name)}"`)
  }
  const { output } = await deploying.deploy()
  expect(output).toContain('https://shop-receiver.example.workers.dev/webhooks/yespo')
  const { databases, queues } = bindingsOf('shop-receiver')
  expect({ databases, queues }).toEqual({
    databases: ['shop-receiver'],
    queues: QUEUES.map(renamed),
  })
  expect(consumersOf(queues.flatMap((name) => name ?? []))).toEqual(Array(4).fill('shop-receiver'))
  expect([...deploying.cloudflare.queues.keys()]).toEqual(QUEUES.map(renamed))
  expect([...deploying.cloudflare.databases.keys()]).toEqual(['shop-receiver'])
})

describe('the jurisdiction', () => {
  const choose = (jurisdiction: string) =>
    deploying.edit('wrangler.toml', /^JURISDICTION = .*$/m, `JURISDICTION = "${jurisdiction}"`)

  it('can be the European Union, for all data stores', async () => {
    choose('eu')
    const { output } = await deploying.deploy()
    expect(output).toContain('in the jurisdiction eu')
    const { databases, queues } = deploying.cloudflare
    expect([...databases.values()]).toMatchObject([{ jurisdiction: 'eu' }])
    expect([...queues.values()]).toMatchObject(Array(4).fill({ jurisdiction: 'eu' }))
  })

  it('cannot be changed, and the deploy says so', async () => {
    deploying.cloudflare.createDatabase('yespo-receiver')
    choose('eu')
    expect((await deploying.deploy(1)).output).toContain('already exists in no jurisdiction')
    choose('')
    deploying.cloudflare.createQueue('yespo-activity', 'eu')
    expect((await deploying.deploy(1)).output).toMatch(
      /queue yespo-activity already exists in the jurisdiction eu, but JURISDICTION is ""/,
    )
    expect(deploying.cloudflare.workers.size).toBe(0)
  })

  it('is reported as unknown if Cloudflare does not return it', async () => {
    deploying.cloudflare.fill('eu')
    deploying.cloudflare.createQueue('yespo-activity')
    choose('eu')
    const { output } = await deploying.deploy()
    expect(output).toContain('the queue yespo-activity already exists, and Cloudflare does not say')
    expect(output.match(/already exists/g)).toHaveLength(1) // of the others it does say
  })

  it("has to exist, and to be the bucket's", async () => {
    choose('mars')
    expect((await deploying.deploy(1)).output).toMatch(/JURISDICTION|"eu", "us", "fedramp"/)
    choose('eu')
    deploying.checkout.nameBucket()
    expect((await deploying.deploy(1)).output).toContain('but the bucket yespo-archive has ""')
    expect(deploying.cloudflare.buckets.size).toBe(0)
  })
})
