import { BODY_EVENTS } from './body-events.ts'
import type { Flow, FlowRequest } from './job.ts'

const webhook = (events: number): Flow => ({
  name: `webhook, ${events} events`,
  state: 'filled',
  begins: {
    method: 'POST',
    path: '/webhooks/yespo',
    as: 'sender',
    bodyFile: `body-${events}.json`,
  },
})

/** What each endpoint is asked, by its `operationId`. */
export const ENDPOINTS: Readonly<Record<string, FlowRequest>> = {
  listActivity: get('/activity?limit=500'),
  exportActivityAsCsv: get('/activity.csv'),
  exportActivityAsNdjson: get('/activity.ndjson'),
  exportActivityAsParquet: get('/activity.parquet'),
  showActivity: get('/activity/{event}'),
  findContacts: get('/contacts?email={email}'),
  showContact: get('/contacts/{contact}'),
  explainContact: get('/contacts/{contact}/explain'),
  exportContactData: get('/contacts/{contact}/data'),
  showDelivery: get('/deliveries/{delivery}'),
  listSuppressions: get('/suppressions'),
  eraseContact: { method: 'DELETE', path: '/contacts/{contact}' },
  eraseByIdentifier: { method: 'DELETE', path: '/contacts?email={email}' },
  listErasures: get('/erasures'),
  checkErasures: get('/erasures/check'),
  showErasure: get('/erasures/{erasure}'),
  showErasureRecord: get('/erasures/record'),
  importErasureRecord: { method: 'POST', path: '/erasures/record', bodyFile: 'record.json' },
  eraseAgain: { method: 'POST', path: '/erasures/again' },
  messagesReport: get('/reports/messages'),
  broadcastsReport: get('/reports/broadcasts'),
  workflowsReport: get('/reports/workflows'),
  channelsReport: get('/reports/channels'),
  sendersReport: get('/reports/senders'),
  tagsReport: get('/reports/tags'),
  languagesReport: get('/reports/languages'),
  blocksReport: get('/reports/blocks'),
  allReport: get('/reports/all?since={since}&until={until}&compare=previous'),
  hoursReport: get('/reports/hours?since={since}&until={until}'),
  anomaliesReport: get('/reports/anomalies?since={since}&until={until}'),
  digestReport: get('/reports/digest'),
  totalsReport: get('/reports/totals?since={since}&until={until}&split=message'),
  linksReport: get('/reports/links'),
  utmReport: get('/reports/utm'),
  providersReport: get('/reports/providers'),
  providerReport: get('/reports/providers/gmail?by=day'),
  delaysReport: get('/reports/delays'),
  listPeople: get('/reports/people?did=delivered'),
  exportPeopleAsCsv: get('/reports/people.csv'),
  exportPeopleAsNdjson: get('/reports/people.ndjson'),
  showEngagement: get('/reports/engagement'),
  exportEngagementAsCsv: get('/reports/engagement.csv'),
  exportEngagementAsNdjson: get('/reports/engagement.ndjson'),
  bouncesReport: get('/reports/bounces'),
  showCoverage: get('/coverage'),
  listQuarantine: get('/quarantine'),
  showQuarantined: get('/quarantine/{item}'),
  replayQuarantine: { method: 'POST', path: '/quarantine/replay' },
  replayQuarantined: { method: 'POST', path: '/quarantine/{item}/replay' },
  deleteQuarantine: { method: 'DELETE', path: '/quarantine?reason=planted' },
  deleteQuarantined: { method: 'DELETE', path: '/quarantine/{item}' },
  receiveWebhook: webhook(50).begins as FlowRequest,
  checkWebhook: get('/webhooks/yespo'),
  listUnexpected: get('/unexpected?since={since}'),
  showStatus: get('/status'),
  showHealth: get('/health'),
  showBackfills: get('/backfill'),
  startBackfill: { method: 'POST', path: '/backfill?since={since}' },
  cancelBackfills: { method: 'DELETE', path: '/backfill' },
  rebuild: { method: 'POST', path: '/rebuild' },
  showOpenapi: get('/openapi.json'),
  showDocs: get('/docs'),
}

/** The pages, each as someone sees it who is signed in. */
const PAGES = [
  '/',
  '/now',
  '/first-event',
  '/recent',
  '/recent/{event}',
  '/contact',
  '/contact/{contact}',
  '/search',
  '/erasures',
  '/erasures/{erasure}',
  '/erasures/check',
  '/bounces',
  '/quarantine',
  '/quarantine/{item}',
  '/campaigns',
  '/engagement',
  '/providers',
  '/status',
  '/coverage',
  '/coverage/syncs',
]

const WITH_SYNC = { YESPO_API_KEY: 'api-key-of-flows' }
const UNDER_WAY = {
  files: `SELECT (SELECT count(*) FROM archive WHERE state <> 'done')
    + NOT EXISTS (SELECT 1 FROM key_values WHERE name = 'retention.done')`,
  erasures: `SELECT (SELECT count(*) FROM erasures WHERE finishedAt IS NULL)
    + (SELECT count(*) FROM key_values WHERE name GLOB 'erasure.review.*')`,
  rollups: `SELECT (SELECT count(*) FROM rollup_hours WHERE state <> 'done')
    + NOT EXISTS (SELECT 1 FROM rollup_hours)`,
  syncs: `SELECT count(*) FROM sync_runs WHERE state = 'running'`,
}

export const FLOWS: readonly Flow[] = [
  ...BODY_EVENTS.map(webhook),
  { ...webhook(200), name: 'webhook, 200 events, and consumer', goesOn: 'queue' },
  { ...webhook(2_000), name: 'webhook, 2,000 events, and consumer', goesOn: 'queue' },
  { name: 'consumer, 400 × 50 events', state: 'backlog', begins: 'queue', goesOn: 'queue' },
  { name: 'consumer, 2,000 × 5 events', state: 'small-backlog', begins: 'queue', goesOn: 'queue' },
  {
    name: 'schedule, nothing to do',
    state: 'filled',
    vars: { KEEP_DAYS: '0' },
    begins: 'schedule',
  },
  {
    name: 'schedule, rollups',
    state: 'unrolled',
    vars: { KEEP_DAYS: '0' },
    begins: 'schedule',
    goesOn: 'schedule',
    left: UNDER_WAY.rollups,
  },
  {
    name: 'schedule, with an archive',
    state: 'filled',
    vars: { KEEP_DAYS: '1' },
    begins: 'schedule',
    goesOn: 'schedule',
    left: UNDER_WAY.files,
  },
  {
    name: 'schedule, 60 erasures',
    state: 'erasures',
    vars: { KEEP_DAYS: '0' },
    begins: 'schedule',
    goesOn: 'schedule',
    left: UNDER_WAY.erasures,
  },
  {
    name: 'schedule, a sync',
    state: 'filled',
    vars: { ...WITH_SYNC, YESPO_API_DAYS: '1' },
    begins: 'schedule',
    goesOn: 'schedule',
    left: UNDER_WAY.syncs,
  },
  {
    name: 'replay of 10,000',
    state: 'quarantine',
    begins: { method: 'POST', path: '/quarantine/replay?reason=planted' },
    goesOn: 'next',
  },
  ...Object.entries(ENDPOINTS).map(([operationId, begins]): Flow => ({
    name: operationId,
    state: 'filled',
    ...(operationId.includes('Backfill') && { vars: WITH_SYNC }),
    begins,
  })),
  ...PAGES.map((path): Flow => ({
    name: `page ${path}`,
    state: 'filled',
    begins: { method: 'GET', path, as: 'viewer' },
  })),
]

function get(path: string): FlowRequest {
  return { method: 'GET', path }
}
