import { SECRETS } from '../simulation.ts'
import type { Answer, Reader, Sent } from './reader.ts'

const MINUTE = 60_000
const BROWSER = 'text/html,*/*;q=0.8'
/** Wrong credentials from one address in a minute, before it is blocked. */
const MAX_FAILURES = 20
const WEBHOOK = '/webhooks/yespo'
const EVENT = JSON.stringify([
  { activityDateTime: '2026-01-05T10:00:00', activityStatus: 'READ', contactId: 4242424242 },
])
const PATHS = [
  '/',
  '/activity',
  '/activity.csv',
  '/recent',
  '/contacts/1',
  '/contact/1',
  '/contacts?email=anna@example.com',
  '/suppressions',
  '/status',
  '/quarantine',
  '/reports/totals',
  '/erasures/check',
  '/campaigns',
]
const UNKNOWN = ['/admin', '/.env', '/wp-login.php', '/activity/../x', '/assets/0/x.js', '//x']

/** Those without any right to be there: they get 4xx, and nothing of what they send is stored. */
export const STRANGERS: readonly ((reader: Reader) => Promise<void>)[] = [tryAnything, tryMuch]

async function tryAnything(reader: Reader): Promise<void> {
  const { random } = reader
  const attempts = [tryPath, tryToken, tryCookie, tryWebhook, tryUnknown]
  for (let left = random.between(1, 4); left > 0; left--) {
    const [path, sent] = random.pick(attempts)(reader)
    const answer = await reader.send(path, sent)
    if (answer) checkRejected(reader, answer)
  }
}

type Attempt = [path: string, sent: Sent]

function tryPath({ random }: Reader): Attempt {
  return [random.pick(PATHS), { headers: random.chance(0.5) ? { Accept: BROWSER } : {} }]
}

function tryToken({ random }: Reader): Attempt {
  const token = random.pick([
    random.hex(30),
    SECRETS.READ_TOKEN.slice(0, -1),
    SECRETS.WEBHOOK_PASSWORD,
  ])
  const method = random.pick(['GET', 'GET', 'DELETE', 'POST'])
  return [random.pick(PATHS.slice(1)), { method, headers: { Authorization: `Bearer ${token}` } }]
}

/** A cookie that nobody signed, or a real one that was changed. */
function tryCookie({ random, simulation }: Reader): Attempt {
  const end = simulation.now + 10 * 24 * 60 * MINUTE
  const cookie = `__Host-session=${end}.${random.uuid()}.${random.hex(43)}`
  return [
    random.pick(['/', '/recent', '/campaigns']),
    { headers: { Accept: BROWSER, Cookie: cookie } },
  ]
}

function tryWebhook({ random }: Reader): Attempt {
  const pair = random.pick([`${SECRETS.WEBHOOK_LOGIN}:${random.hex(9)}`, 'admin:admin', ':'])
  const headers = random.chance(0.2) ? {} : { Authorization: basic(pair), 'X-Key': random.hex(9) }
  return [WEBHOOK, { method: 'POST', headers, body: EVENT }]
}

function tryUnknown({ random }: Reader): Attempt {
  return [random.pick(UNKNOWN), { headers: random.chance(0.5) ? { Accept: BROWSER } : {} }]
}

/** Tries so many passwords that the address is blocked; whoever has the right ones is not. */
async function tryMuch(reader: Reader): Promise<void> {
  const { simulation, random } = reader
  const { scheduler, world } = simulation
  await scheduler.wait(MINUTE - (simulation.now % MINUTE), 'a stranger waits')
  const { deployments } = world
  const answers = await Promise.all(
    Array.from({ length: MAX_FAILURES + random.between(3, 9) }, () =>
      reader.send(WEBHOOK, {
        method: 'POST',
        headers: { Authorization: basic(`admin:${random.hex(8)}`) },
        body: EVENT,
      }),
    ),
  )
  const got = answers.filter((answer) => answer !== undefined)
  for (const answer of got) checkRejected(reader, answer)
  const wrong = got.filter(({ status }) => status !== 429)
  if (world.deployments === deployments && wrong.length > MAX_FAILURES && wrong[0]) {
    reader.fail(wrong[0], `was not blocked after ${wrong.length} failures`)
  }
  await useRight(reader)
}

/** Yespo, at the same address: without an event, so that nothing is stored. */
async function useRight(reader: Reader): Promise<void> {
  const { simulation } = reader
  const { deployments } = simulation.world
  const { WEBHOOK_LOGIN: login, WEBHOOK_PASSWORD: password } = simulation.settings
  const headers = {
    Authorization: basic(`${login}:${password}`),
    'X-Key': 'soak-key-of-the-header',
  }
  const answer = await reader.send(WEBHOOK, { method: 'POST', headers, body: '[]' })
  if (answer && answer.status !== 200 && simulation.world.deployments === deployments) {
    reader.fail(answer, `got ${answer.status} with the right credentials: ${answer.body}`)
  }
}

function checkRejected(reader: Reader, answer: Answer): void {
  const { status, body } = answer
  if (status < 400) reader.fail(answer, `let a stranger in with ${status}: ${body.slice(0, 200)}`)
}

function basic(pair: string): string {
  return `Basic ${Buffer.from(pair).toString('base64')}`
}
