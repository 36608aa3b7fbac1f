import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Deploying } from './deploying.ts'
import { ApiError, FakeWorker } from './fake-account.ts'

let deploying: Deploying

beforeEach(async () => {
  deploying = await new Deploying().begin()
})

afterEach(() => deploying.end())

const URL = 'https://yespo-receiver.example.workers.dev/webhooks/yespo'
const worker = () => deploying.cloudflare.workers.get('yespo-receiver')

/** A problem of the account, and its explanation. */
type Trouble = [
  code: string,
  change: (cloudflare: Deploying['cloudflare']) => void,
  explanation: RegExp,
]

describe('a first deploy', () => {
  it.each<Trouble>([
    [
      '10000: a token from the template, without D1',
      (cloudflare) => (cloudflare.denied = /\/d1\//),
      /databases of the account.*may not do this\. It lacks: Account, D1: Edit.*profile\/api-tokens/s,
    ],
    [
      '10000: without Queues',
      (cloudflare) => (cloudflare.denied = /\/queues/),
      /It lacks: Account, Queues: Edit/,
    ],
    [
      '10000: without Workers Scripts',
      (cloudflare) => (cloudflare.denied = /\/workers\//),
      /It lacks: Account, Workers Scripts: Edit/,
    ],
    [
      '11002: Queues are not enabled',
      (cloudflare) => (cloudflare.hasQueues = false),
      /Queues are not enabled for.*:account\/workers\/queues/s,
    ],
    [
      '7406: ten databases',
      (cloudflare) => {
        for (let number = 0; number < 10; number++) cloudflare.createDatabase(`other-${number}`)
      },
      /as many D1 databases as its plan allows.*:account\/workers\/d1/s,
    ],
    [
      'no workers.dev subdomain, found by wrangler before the upload',
      (cloudflare) => (cloudflare.subdomain = undefined),
      /not deployed;.*no workers\.dev subdomain yet.*:account\/workers\/onboarding/s,
    ],
    [
      '10063: no workers.dev subdomain, reported by Cloudflare at the upload',
      (cloudflare) => {
        cloudflare.uploadError = new ApiError(
          403,
          10063,
          'You need a workers.dev subdomain in order to proceed.',
        )
      },
      /not deployed;.*no workers\.dev subdomain yet/s,
    ],
    [
      '10034: an upload with an unverified email address',
      (cloudflare) => (cloudflare.isVerified = false),
      /not deployed;.*account's e-mail address verified/s,
    ],
    [
      "a queue that is another Worker's",
      (cloudflare) => {
        cloudflare.createQueue('yespo-tasks')
        cloudflare.addConsumer('id-of-yespo-tasks', 'other-worker')
      },
      /Nothing was deployed\. The queue yespo-tasks has another consumer.*consumer worker remove yespo-tasks other-worker/s,
    ],
  ])('says what to do about %s', async (code, change, explanation) => {
    if (/upload/.test(code)) deploying.cloudflare.fill()
    change(deploying.cloudflare)
    const { output } = await deploying.deploy(1)
    expect(output).toMatch(explanation)
    expect(output).not.toMatch(/is live|Webhook URL/)
    expect(worker()).toBeUndefined()
  })
})

describe('a live Worker whose triggers were rejected', () => {
  beforeEach(() => deploying.cloudflare.fill())

  it('10072: is reported with its URL, form and missing schedule, and is fixed by the next deploy', async () => {
    deploying.cloudflare.limits.otherCrons = 5
    const { output } = await deploying.deploy(1)
    expect(output).toMatch(
      /The code is live, but its setup is incomplete: see below.*Webhook URL +https:/s,
    )
    expect(output).toContain(`Webhook URL       ${URL}`)
    expect(output).toMatch(
      /▲ The code is live.*All schedules of this Cloudflare account are in use/s,
    )
    expect(output).toContain('It responds 200')
    expect(output).not.toMatch(/not deployed|The receiver is deployed/)
    expect(worker()?.crons).toEqual([])
    deploying.cloudflare.limits.otherCrons = 4
    expect((await deploying.deploy()).output).toContain('The receiver is deployed.')
    expect(worker()?.crons).toHaveLength(1)
  })

  it('11004 and 10063: both are reported', async () => {
    const { cloudflare } = deploying
    // The other consumer appears only after the queues were checked.
    const add = cloudflare.addConsumer.bind(cloudflare)
    cloudflare.addConsumer = (id, name) => {
      if (id === 'id-of-yespo-activity') add(id, 'other-worker')
      add(id, name)
    }
    cloudflare.setCrons = () => {
      throw new ApiError(403, 10063, 'You need a workers.dev subdomain in order to proceed.')
    }
    const { output } = await deploying.deploy(1)
    expect(output).toMatch(
      /▲ The code is live.*no workers\.dev subdomain.*The queue yespo-activity has another consumer/s,
    )
    expect(output).toContain('consumer worker remove yespo-activity OTHER-WORKER')
    expect(output).toContain(`Webhook URL       ${URL}`)
    expect(worker()).toBeDefined()
  })

  it('still loses credentials that were removed from the file', async () => {
    const deployed = new FakeWorker()
    deployed.secrets.set('WEBHOOK_LOGIN_PREVIOUS', 'old')
    deploying.cloudflare.workers.set('yespo-receiver', deployed)
    deploying.cloudflare.limits.otherCrons = 5
    await deploying.deploy(1)
    expect(worker()?.secrets.has('WEBHOOK_LOGIN_PREVIOUS')).toBe(false)
  })
})

describe('an address', () => {
  beforeEach(() => deploying.cloudflare.fill())

  const ROUTES = 'routes = [{ pattern = "hooks.example.com", custom_domain = true }]\n'
  const name = (routes: string) => deploying.edit('wrangler.toml', /^minify/m, `${routes}minify`)

  it('of a custom domain comes first, in addition to workers.dev, and is waited for', async () => {
    name(ROUTES)
    deploying.cloudflare.web.set('hooks.example.com', [
      'ENOTFOUND',
      { status: 200, body: '{"status":"ok","send":"POST"}' },
    ])
    const { output } = await deploying.deploy()
    expect(output).toContain('Webhook URL       https://hooks.example.com/webhooks/yespo\n')
    expect(output).not.toMatch(/https:\S* \(/)
    expect(output).toContain('It responds 200: ready for Yespo.')
    const hooks = 'https://hooks.example.com/webhooks/yespo'
    expect(deploying.cloudflare.browsed).toEqual([hooks, hooks])
    expect(worker()).toMatchObject({ domains: ['hooks.example.com'], subdomain: { enabled: true } })
  })

  it('that only admits browsers is reported, with another that works', async () => {
    name(ROUTES)
    const challenge = { status: 403, headers: { 'cf-mitigated': 'challenge' } }
    deploying.cloudflare.web.set('hooks.example.com', [challenge])
    const { output } = await deploying.deploy(1)
    expect(output).toMatch(/▲ https:\/\/hooks\.example\.com\/\S+ responds 403: Bot Fight Mode/)
    expect(output).toContain(`Meanwhile ${URL} responds 200.`)
    expect(output).not.toContain('ready for Yespo')
  })

  it('that belongs to another site is reported, and the Worker is live at workers.dev', async () => {
    name(ROUTES)
    deploying.cloudflare.takenHosts.add('hooks.example.com')
    const { output } = await deploying.deploy(1)
    expect(output).toMatch(/The code is live.*The custom domain already has a DNS record/s)
    expect(output).toContain(`Webhook URL       ${URL}`)
  })

  it('is reported if there is none', async () => {
    deploying.edit('wrangler.toml', 'workers_dev = true', 'workers_dev = false')
    expect((await deploying.deploy(1)).output).toContain('has no URL that Yespo could reach')
  })
})
