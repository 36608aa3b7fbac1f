import { env } from 'cloudflare:workers'
import { join } from 'node:path'
import { beforeEach, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { ENDPOINTS } from '../../src/api-routes.ts'
import { endRun, startRun } from '../../src/db/sync/runs.ts'
import { DAY_MS, HOUR_MS } from '../../src/event/clock.ts'
import type { Endpoint } from '../../src/http/endpoint.ts'
import { recordErased } from '../../src/erasure/record-erased.ts'
import { shorten, type Example } from '../../src/openapi/example.ts'
import { describeApi } from '../../src/openapi/openapi.ts'
import { buildPage, describePolicy } from '../../src/openapi/page/page.ts'
import { VERSION } from '../../src/platform/version.ts'
import { app } from '../../src/routes.ts'
import { ARCHIVE } from '../archive/bucket.ts'
import { erased } from '../erasure/erasing.ts'
import { buildEvent } from '../event.ts'
import { faultyQueue } from '../faulty.ts'
import { makePulses, storePulses } from '../monitoring/anomalies/pulses.ts'
import { quarantined } from '../quarantine.ts'
import { clearBucket, clearTables, CREDENTIALS, list } from '../receiver.ts'
import { rollUpAll } from '../roll-up.ts'
import { storeFromApi } from '../store-from-api.ts'
import { store } from '../store-events.ts'

const BUILT = join(import.meta.dirname, '../../src/openapi/built')

// The Monday after the events: they are in the reports' default periods, and responses are the same in each run.
const NOW = Date.parse('2023-09-18T09:20Z')
vi.useFakeTimers({ now: NOW, toFake: ['Date'] })

const HOUR = Math.floor(NOW / HOUR_MS) * HOUR_MS - HOUR_MS

const EVENTS = [
  { activityStatus: 'DELIVERED' },
  { activityStatus: 'READ', subscriptions: ['news'], unheardOf: { a: [1] } },
  { activityStatus: 'CLICKED', clickEventLink: 'https://example.com/?utm_source=a' },
  { activityStatus: 'UNDELIVERED', hardBounce: true, statusDescription: '5.1.1 unknown' },
  { activityStatus: 'UNDELIVERED', hardBounce: false, statusDescription: 'mailbox full' },
  { activityStatus: 'UNDELIVERED', mediaType: 'viber', sms: '380000000000' },
  { activityStatus: 'UNSUBSCRIBED', statusDescription: 'by link' },
  { activityStatus: 'SUBSCRIPTION_CHANGED', externalCustomerId: 'customer-7' },
  { activityStatus: 'SPAM', mediaType: null, contactId: null },
  { activityStatus: 'SPAM' },
  { activityStatus: 'READ', activityDateTime: '2023-09-14T08:33:03' },
  { activityStatus: 'PUSH_SUBSCRIBED', webpush: 'token', mobilepush: 'token', messageId: null },
]
const CAMPAIGN = {
  broadcastId: 3,
  workflowId: 4,
  from: 'Shop',
  messageTag: 'sale,autumn',
  messageName: 'Autumn sale',
  messageLanguageCode: 'uk',
  workflowBlockId: '_block',
}

const DELIVERY = '3f0c6a1e-5b8d-4c1e-9a55-0d6f2f6f2b10'
const REASON = 'activityStatus is a number; expected a string'
const ERASED_CONTACT = 4711

let number: number

/** Requests and their responses, by operation: the examples of the documentation. */
const examples: Record<string, Example> = {}

/** Stores data of every kind, the same each time. */
async function fill(): Promise<void> {
  await env.DB.batch([
    env.DB.prepare("DELETE FROM sqlite_sequence WHERE name IN ('erasures', 'sync_runs')"),
    env.DB.prepare("UPDATE key_values SET value = ? WHERE name = 'erasure.key'").bind(
      '0'.repeat(64),
    ),
  ])
  const events = EVENTS.map((event) => buildEvent({ iid: DELIVERY, ...CAMPAIGN, ...event }))
  await store(
    ...events,
    buildEvent({ iid: 'erased', contactId: ERASED_CONTACT, email: 'erased@example.com' }),
  )
  for (const activityStatus of ['CLICKED', 'UNSUBSCRIBED']) {
    await store(
      buildEvent({
        contactId: 6,
        iid: 'six',
        activityStatus,
        clickEventLink: 'https://example.com/',
      }),
    )
  }
  await rollUpAll()
  await storeFromApi(NOW, buildEvent({ iid: 'five', activityStatus: 'SENT', contactId: 5 }))
  const item = (name: string) => ({
    request: name.padEnd(22, '0'),
    receivedAt: HOUR,
    reason: REASON,
  })
  await quarantined({
    ...item('one'),
    sent: '{"activityStatus":7}',
    labels: '{"X-Shop":"one"}',
  })
  await quarantined({ ...item('two'), sent: '{"activityStatus":8,"contactId":889891911}' })
  await quarantined({ ...item('three'), sent: 'not JSON', kind: 'body', reason: 'another' })
  number = (await erased(`/contacts/${ERASED_CONTACT}`)).erasure.number
  const kinds = ['READ', 'SENT']
  await env.DB.batch([
    ...kinds.map((kind, index) =>
      env.DB.prepare('INSERT INTO coverage VALUES (?1, ?1 + 3600000, ?2, ?3, 3, 2, 1)').bind(
        HOUR,
        kind,
        index === 0 ? 'email' : '',
      ),
    ),
    env.DB.prepare(
      `INSERT INTO engagement VALUES ('email', -9223372036854775808, '[[889891911,19000,19001],[5,19000,null]]')`,
    ),
    env.DB.prepare(
      `INSERT INTO unexpected (kind, name, detail, seenAt) VALUES ('parameter', 'new', '', ${NOW})`,
    ),
    env.DB.prepare(
      `INSERT INTO alerts (name, message, beganAt) VALUES ('silence', '[{"key":"alerts.plain","values":{"text":"Nothing came in."}}]', ${NOW})`,
    ),
  ])
  const period = { since: HOUR - DAY_MS, until: HOUR }
  await endRun(env.DB, await startRun(env.DB, 'schedule', period, NOW), 'stopped', 'why', NOW)
  await startRun(env.DB, 'schedule', period, NOW)
  await startRun(env.DB, 'backfill', period, NOW)
}

/** How to call an endpoint; `path` defaults to the path of the endpoint. */
type Call = { path?: () => Promise<string> | string; body?: () => Promise<unknown> }

const newestId = async () => String((await list('?limit=1')).activity[0]?.id)
const itemId = async () => {
  const items = await call('get', '/quarantine')
  return z.object({ quarantine: z.array(z.object({ id: z.string() })) }).parse(await items.json())
    .quarantine[0]?.id
}
const record = async () => {
  const page = await call('get', '/erasures/record')
  return z.object({ record: z.unknown() }).parse(await page.json()).record
}
const at = (path: string): Call => ({ path: () => path })

const WEEK = Date.parse('2023-09-11T00:00Z')

/** Adds an anomaly, and enough for a digest, to the week of the events. */
async function inWeek(path: string): Promise<string> {
  const isAbnormal = (hour: number) => hour >= 32 * 24 && hour < 32 * 24 + 5
  const change = (hour: number, provider: string) =>
    isAbnormal(hour) && provider === 'outlook' ? { delivered: 50, bounced: 50 } : undefined
  await storePulses(env.DB, makePulses(WEEK - 29 * DAY_MS, 36 * 24, change))
  await env.DB.batch([
    env.DB.prepare('UPDATE totals SET contacts2 = 100 * contacts2'),
    env.DB.prepare("INSERT INTO unexpected VALUES ('parameter', 'unheard', '', ?)").bind(
      WEEK + DAY_MS,
    ),
  ])
  return path
}

const CALLS: Readonly<Record<string, Call>> = {
  listActivity: {},
  exportActivityAsCsv: {},
  exportActivityAsNdjson: {},
  exportActivityAsParquet: {},
  showActivity: { path: async () => `/activity/${await newestId()}` },
  findContacts: at('/contacts?email=contact@example.com'),
  showContact: at('/contacts/889891911'),
  explainContact: at('/contacts/6/explain'),
  showDelivery: at(`/deliveries/${DELIVERY}`),
  listSuppressions: {},
  exportContactData: at('/contacts/889891911/data'),
  eraseContact: at('/contacts/889891911'),
  eraseByIdentifier: at('/contacts?email=nobody@example.com'),
  listErasures: {},
  showErasure: { path: () => `/erasures/${number}` },
  showErasureRecord: {},
  importErasureRecord: { body: record },
  eraseAgain: {},
  checkErasures: {},
  messagesReport: at('/reports/messages?since=2023-09-14&until=2023-09-16&compare=previous'),
  broadcastsReport: {},
  workflowsReport: {},
  channelsReport: {},
  sendersReport: {},
  tagsReport: {},
  languagesReport: {},
  blocksReport: {},
  allReport: at('/reports/all?since=2023-09-14&until=2023-09-16&compare=4weeks'),
  hoursReport: at('/reports/hours?since=2023-09-14&until=2023-09-16'),
  totalsReport: at('/reports/totals?since=2023-09-14&until=2023-09-16&split=message'),
  listPeople: {},
  exportPeopleAsCsv: at('/reports/people.csv?did=delivered'),
  exportPeopleAsNdjson: {},
  showEngagement: {},
  exportEngagementAsCsv: {},
  exportEngagementAsNdjson: {},
  anomaliesReport: { path: () => inWeek('/reports/anomalies?since=2023-09-14&until=2023-09-15') },
  digestReport: { path: () => inWeek('/reports/digest?week=2023-09-14') },
  bouncesReport: {},
  linksReport: {},
  utmReport: {},
  providersReport: {},
  providerReport: at(
    '/reports/providers/example.com?by=hour&since=2023-09-14T08:00Z&until=2023-09-14T09:00Z',
  ),
  delaysReport: {},
  showCoverage: {},
  listQuarantine: {},
  showQuarantined: { path: async () => `/quarantine/${await itemId()}` },
  replayQuarantine: {},
  replayQuarantined: { path: async () => `/quarantine/${await itemId()}/replay` },
  deleteQuarantine: at(`/quarantine?${new URLSearchParams({ reason: REASON })}`),
  deleteQuarantined: { path: async () => `/quarantine/${await itemId()}` },
  receiveWebhook: {
    body: async () => [
      buildEvent({ iid: DELIVERY }),
      buildEvent({ iid: DELIVERY, activityDateTime: 'yesterday' }),
    ],
  },
  checkWebhook: {},
  showStatus: {},
  listUnexpected: {},
  showHealth: {},
  showBackfills: {},
  startBackfill: at('/backfill?since=2023-09-17'),
  cancelBackfills: {},
  rebuild: {},
  showOpenapi: {},
  showDocs: {},
}

const BINDINGS = {
  ARCHIVE,
  ACTIVITY_QUEUE: faultyQueue(new Error('down')), // events are stored at once
  TASKS: { sendBatch: async () => {} } as unknown as Queue,
  YESPO_API_KEY: 'api-key',
  LABEL_HEADERS: 'X-Shop',
  ACCESS_TEAM_DOMAIN: 'https://team.cloudflareaccess.com',
  ACCESS_AUDIENCE: 'a'.repeat(64),
  ACCESS_OPERATOR_GROUPS: 'Operators',
}

async function call(
  method: Endpoint['method'],
  path: string,
  authorization = 'Bearer read-token-for-tests',
  body?: unknown,
): Promise<Response> {
  const headers = { Authorization: authorization }
  const init = {
    method: method.toUpperCase(),
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }
  return app.request(path, init, { ...env, ...BINDINGS })
}

/** The same with another version of the receiver: which one it has is not public. */
function hideVersion(value: unknown): unknown {
  const text = JSON.stringify(value).replace(`"version":"${VERSION}"`, '"version":"1.2.3"')
  return JSON.parse(text) as unknown
}

beforeEach(async () => {
  await clearTables()
  await clearBucket()
  await fill()
  await recordErased(env)
})

it.each(ENDPOINTS)(
  '$method $path responds as documented, and with nothing else',
  async ({ method, path, access, operationId, response: makeSchema, texts = {}, ...endpoint }) => {
    const planned = CALLS[operationId]
    if (!planned) throw new Error(`Add a call of ${operationId} to CALLS.`)
    const url = (await planned.path?.()) ?? path
    const body = await planned.body?.()
    expect(body !== undefined, 'The documented request has a body.').toBe('body' in endpoint)
    const authorization = access === 'webhookLogin' ? CREDENTIALS : undefined
    const response = await call(method, url, authorization, body)
    expect([response.status, response.ok ? '' : await response.text()]).toEqual([200, ''])
    examples[operationId] = { url, body }
    if (!makeSchema) {
      const [type = ''] = response.headers.get('Content-Type')?.split(';') ?? []
      expect(Object.keys(texts)).toEqual([type])
      expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(0)
      return
    }
    const result: unknown = await response.json()
    expect(makeSchema().parse(result)).toEqual(result)
    if (operationId === 'showOpenapi') return
    const example = shorten(result)
    expect(makeSchema().parse(example), 'The shortened response is valid.').toEqual(example)
    examples[operationId] = { url, body, response: hideVersion(example) }
    expect(JSON.stringify(result), 'Fill the database, so that no list is empty.').not.toContain(
      '[]',
    )
  },
)

// `npm test -- test/openapi -u` writes them.
it('the built documentation is that of the endpoints and these responses', async () => {
  const api = describeApi(ENDPOINTS, examples)
  const page = await buildPage(api)
  await expect(`${JSON.stringify(api, null, 2)}\n`).toMatchFileSnapshot(
    join(BUILT, 'openapi.json.txt'),
  )
  await expect(page).toMatchFileSnapshot(join(BUILT, 'docs.html'))
  await expect(describePolicy()).toMatchFileSnapshot(join(BUILT, 'docs-policy.txt'))
})
