import { join } from 'node:path'
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'
import { NO_SECRETS } from './no-secrets.ts'

const root = join(import.meta.dirname, '..')
const terminal = [
  'test/{bundle,house}.test.ts',
  'test/openapi/{errors,samples}.test.ts',
  'test/settings/table.test.ts',
  'test/language/catalogues.test.ts',
  'test/{cli,simulator}/**/*.test.ts',
  'test/mutants/mutants.test.ts',
  'test/strict/*.test.ts',
]
// They test what the receiver keeps in memory, so each needs an isolate of its own, which takes seconds to start.
const alone = [
  'test/db/unexpected.test.ts',
  'test/monitoring/{check,unexpected,usage}.test.ts',
  'test/openapi/responses.test.ts',
]
// They try every call, or make thousands of queries.
const thorough = [
  'test/archive/{erase,merge,move,overtaken,progress}.test.ts',
  'test/archive/table/commit.test.ts',
  'test/db/{campaign-hours,derived,engagement,event-series,hours,stored-row,subject}.test.ts',
  'test/db/rollups/roll-up.test.ts',
  'test/erasure/{erase-again,many-erasures,returned}.test.ts',
  'test/events/filters.test.ts',
  'test/history/{list,people}.test.ts',
  'test/ingest/{advance-body,retention}.test.ts',
  'test/monitoring/anomalies/detect.test.ts',
  'test/reports/totals.test.ts',
  'test/schedule.test.ts',
  'test/sync/zone-change.test.ts',
]
// Each takes up to minutes: `npm test` leaves them out.
const slow = [
  'test/{bench,browser,other-programs,questions,soak,strict/flows}/**/*.test.ts',
  'test/cli/{button,demo,deploy,deploy-troubles,instances,kill,start,terminal}.test.ts',
]

// They need another program of 550 MB, which they install: `npm run test:engines`.
const engines = ['test/engines/**/*.test.ts']

// Tests send more requests within a minute than a user does, so only the tested limit is low.
const limitOf = (namespace_id: string, limit: number) => ({
  namespace_id,
  simple: { limit, period: 60 as const },
})

// As in wrangler.toml, but a batch does not wait a second for more messages.
const EAGER = { maxBatchSize: 100, maxBatchTimeout: 0.05, maxRetries: 100, retryDelay: 900 }

// Only for tests that hang: a busy machine takes many times as long as an idle one.
const TIMEOUTS = { testTimeout: 600_000, hookTimeout: 600_000 }

const IN_NODE = { globalSetup: 'test/keep-compiled.ts', ...TIMEOUTS }

const IN_MEMORY = join(root, 'test/node-workers.ts')

/** Inside workerd, with a real database and a real queue. */
const inWorkerd = () =>
  cloudflareTest(async () => ({
    wrangler: { configPath: join(root, 'wrangler.toml') },
    miniflare: {
      r2Buckets: ['ARCHIVE'],
      // A task that is due seconds later would change the database of another test.
      queueProducers: { TASKS: { queueName: 'yespo-nothing' } },
      queueConsumers: {
        'yespo-activity': EAGER,
        'yespo-large': { ...EAGER, maxBatchSize: 1 },
      },
      ratelimits: {
        FAILED_CREDENTIALS: limitOf('101', 1_000_000),
        READING: limitOf('102', 1_000_000),
        TIGHT: limitOf('103', 3),
      },
      bindings: {
        ...NO_SECRETS,
        WEBHOOK_LOGIN: 'yespo',
        WEBHOOK_PASSWORD: 'pass:word-for-tests',
        READ_TOKEN: 'read-token-for-tests',
        TEST_MIGRATIONS: await readD1Migrations(join(root, 'migrations')),
      },
    },
  }))

export default defineConfig({
  root,
  test: {
    maxWorkers: 2, // many test files mostly wait for processes that they started
    silent: 'passed-only', // only the logs of failed tests are worth reading
    projects: [
      {
        root,
        plugins: [inWorkerd()],
        test: {
          name: 'worker',
          include: ['test/**/*.test.ts'],
          exclude: [...terminal, ...alone, ...thorough, ...slow, ...engines],
          isolate: false,
          setupFiles: ['test/apply-migrations.ts'],
          ...TIMEOUTS,
        },
      },
      {
        // The same, with an isolate for each file.
        root,
        plugins: [inWorkerd()],
        test: {
          name: 'alone',
          include: alone,
          setupFiles: ['test/apply-migrations.ts'],
          ...TIMEOUTS,
        },
      },
      {
        // In Node.js, whose database, queues and bucket in memory are several times as fast.
        root,
        resolve: { alias: { 'cloudflare:workers': IN_MEMORY, 'cloudflare:test': IN_MEMORY } },
        test: {
          name: 'memory',
          include: thorough,
          setupFiles: ['test/apply-migrations.ts'],
          ...TIMEOUTS,
        },
      },
      {
        // In Node.js: the commands, and tests that read the source files.
        root,
        test: { name: 'terminal', include: terminal, exclude: slow, ...IN_NODE },
      },
      {
        // In Node.js: whole deploys, a browser, other programs, simulations.
        root,
        test: { name: 'slow', include: slow, ...IN_NODE },
      },
      {
        // In Node.js: other engines read the archive.
        root,
        test: {
          name: 'engines',
          include: engines,
          ...TIMEOUTS,
          globalSetup: [IN_NODE.globalSetup, 'test/engines/install.ts'],
        },
      },
    ],
  },
})
