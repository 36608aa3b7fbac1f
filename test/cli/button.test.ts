import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Deploying } from './deploying.ts'
import { FakeWorker, QUEUES } from './fake-account.ts'

let deploying: Deploying

beforeEach(async () => {
  deploying = await new Deploying().begin()
})

afterEach(() => deploying.end())

const WORKER = 'sales-receiver'
const ENTERED: Record<string, string> = {
  WEBHOOK_LOGIN: 'entered-login',
  WEBHOOK_PASSWORD: 'entered-password-123',
  READ_TOKEN: 'entered-read-token-123',
}

// As in Workers Builds; it has the Worker's own name, and a tag by which wrangler checks that it is the right one.
const BUILD = {
  CI: 'true',
  WORKERS_CI: '1',
  WRANGLER_CI_OVERRIDE_NAME: WORKER,
  WRANGLER_CI_MATCH_TAG: 'tag',
}

const TOKEN = 'token-of-the-build'
const build = (code = 0, env: Record<string, string> = BUILD) =>
  deploying.deploy(code, [], { ...env, CLOUDFLARE_API_TOKEN: TOKEN })
const worker = () => deploying.cloudflare.workers.get(WORKER)

/**
 * Does what the "Deploy to Cloudflare" button does before its first build: it creates the resources under the names
 * that the user chose, writes these to the copy of the repository, and creates a Worker with the secrets that it
 * asked for: those that have a line in .dev.vars.example.
 */
function pressButton(): void {
  const { cloudflare, checkout } = deploying
  const { uuid } = cloudflare.createDatabase('sales-events')
  deploying.edit(
    'wrangler.toml',
    'database_name = "yespo-receiver"',
    `database_name = "sales-events"\ndatabase_id = "${uuid}"`,
  )
  for (const name of QUEUES) {
    const chosen = name.replace('yespo', 'sales')
    cloudflare.createQueue(chosen)
    deploying.edit('wrangler.toml', new RegExp(`"${name}"`, 'g'), `"${chosen}"`)
  }
  const created = new FakeWorker()
  created.lastDeployedFrom = 'api'
  const example = readFileSync(join(checkout.folder, '.dev.vars.example'), 'utf8')
  for (const name of Object.keys(parseEnv(example))) {
    created.secrets.set(name, ENTERED[name] ?? 'not expected')
  }
  cloudflare.workers.set(WORKER, created)
}

/** The requests that create something, since the call with an index. */
function listCreations(since = 0): string[] {
  return deploying.cloudflare.calls
    .slice(since)
    .filter(({ method, path }) => method === 'POST' && /\/(?:database|queues|buckets)$/.test(path))
    .map(({ path, body }) => `${path} ${body}`)
}

it('deploys what the button has prepared: asks nothing, creates nothing twice, prints no secret', async () => {
  pressButton()
  const { output } = await build()
  const secrets = Object.fromEntries(worker()?.secrets ?? [])
  expect(secrets).toEqual({ ...ENTERED, OPERATE_TOKEN: expect.stringMatching(/^[\w-]{32}$/) })
  expect(listCreations()).toEqual([])
  expect([...deploying.cloudflare.workers.keys()]).toEqual([WORKER])
  expect(deploying.findCall(/CREATE TABLE activity/)).toBeGreaterThan(-1)
  expect([...deploying.cloudflare.queues].map(([name, { consumer }]) => [name, consumer])).toEqual(
    QUEUES.map((name) => [name.replace('yespo', 'sales'), WORKER]),
  )
  expect(worker()?.bindings).toContainEqual(
    expect.objectContaining({ name: 'TASKS', queue_name: 'sales-tasks' }),
  )
  expect(output).toContain(`https://${WORKER}.example.workers.dev/webhooks/yespo`)
  expect(output).toContain('It responds 200: ready for Yespo.')

  const before = deploying.cloudflare.calls.length
  const again = await build()
  expect(listCreations(before)).toEqual([])
  expect(Object.fromEntries(worker()?.secrets ?? [])).toEqual(secrets)
  for (const log of [output, again.output]) {
    expect(log).not.toContain('Create them?')
    for (const value of [...Object.values(secrets), TOKEN]) expect(log).not.toContain(value)
  }
  expect(existsSync(join(deploying.checkout.folder, '.deploy.vars'))).toBe(false)
})

it('creates what an empty account lacks, once', async () => {
  const env = { CI: '1', WORKERS_CI: '1' }
  const { output } = await build(0, env)
  expect(output).not.toContain('Create them?')
  expect([...deploying.cloudflare.databases.keys()]).toEqual(['yespo-receiver'])
  expect([...deploying.cloudflare.queues.keys()]).toEqual(QUEUES)
  const before = deploying.cloudflare.calls.length
  await build(0, env)
  expect(listCreations(before)).toEqual([])
})

it('reports secrets that the receiver does not accept', async () => {
  pressButton()
  const message = 'The setting WEBHOOK_PASSWORD has fewer than 16 characters, which can be guessed.'
  deploying.cloudflare.web.set(`${WORKER}.example.workers.dev`, [
    { status: 200, body: '{"status":"ok","send":"POST"}' },
    { status: 503, body: JSON.stringify({ error: { code: 'not_configured', message } }) },
  ])
  const { output } = await build(1)
  expect(output).toContain(`▲ The receiver is not set up yet. ${message}\nChange secrets in the`)
})

it('deploys nothing if the database is outside of the jurisdiction, or a queue was renamed in one place', async () => {
  pressButton()
  deploying.edit('wrangler.toml', 'JURISDICTION = ""', 'JURISDICTION = "eu"')
  expect((await build(1)).output).toContain(
    'the database sales-events already exists in no jurisdiction, but JURISDICTION is "eu"',
  )
  deploying.edit('wrangler.toml', 'JURISDICTION = "eu"', 'JURISDICTION = ""')
  deploying.edit('wrangler.toml', 'queue = "sales-large"', 'queue = "other"')
  expect((await build(1)).output).toContain('has no producer or no consumer in wrangler.toml')
  expect(worker()?.bindings).toEqual([])
  expect(deploying.cloudflare.sql).toEqual([])
})
