/** What one plan allows. Bytes are UTF-8; a day begins at 00:00 UTC. */
export type Limits = {
  /** Of an invocation. */
  processorMs: number
  memoryBytes: number
  /** Calls to anything outside Cloudflare. */
  subrequests: number
  /** Calls to Cloudflare's services: databases, queues, buckets, other Workers. */
  serviceCalls: number
  /** Of the Worker, gzipped, and of its start. */
  bundleBytes: number
  startMs: number
  d1: {
    /** Of an invocation; see `Readings.countStatements`. */
    statements: number
    parameters: number
    statementBytes: number
    valueBytes: number
    likePatternBytes: number
    databaseBytes: number
    /** Of an account; null is without a limit. */
    rowsReadADay: number | null
    rowsWrittenADay: number | null
  }
  queue: {
    /** Of a message, without `metadataBytes`. */
    messageBytes: number
    metadataBytes: number
    batchMessages: number
    batchBytes: number
    retentionMs: number
    /** Of an account; null is without a limit. */
    operationsADay: number | null
    /** Each begun unit that is written, read or deleted is an operation. */
    operationBytes: number
  }
}

export type Plan = 'free' | 'paid'

const D1 = {
  parameters: 100,
  statementBytes: 100_000,
  valueBytes: 2_000_000,
  likePatternBytes: 50,
}

const QUEUE = {
  messageBytes: 127_900,
  metadataBytes: 100,
  batchMessages: 100,
  batchBytes: 256_000,
  operationBytes: 64_000,
}

const HOUR_MS = 3_600_000

/** The limits of both plans. https://developers.cloudflare.com/workers/platform/limits/ and those of D1 and Queues */
export const PLANS: Readonly<Record<Plan, Limits>> = {
  free: {
    processorMs: 10,
    memoryBytes: 128_000_000,
    subrequests: 50,
    serviceCalls: 1_000,
    bundleBytes: 3_000_000,
    startMs: 1_000,
    d1: {
      ...D1,
      statements: 50,
      databaseBytes: 500_000_000,
      rowsReadADay: 5_000_000,
      rowsWrittenADay: 100_000,
    },
    queue: { ...QUEUE, retentionMs: 24 * HOUR_MS, operationsADay: 10_000 },
  },
  paid: {
    processorMs: 30_000,
    memoryBytes: 128_000_000,
    subrequests: 10_000,
    serviceCalls: 1_000,
    bundleBytes: 10_000_000,
    startMs: 1_000,
    d1: {
      ...D1,
      statements: 1_000,
      databaseBytes: 10_000_000_000,
      rowsReadADay: null,
      rowsWrittenADay: null,
    },
    queue: { ...QUEUE, retentionMs: 96 * HOUR_MS, operationsADay: null },
  },
}

/** What Cloudflare's documentation leaves open, or says in two ways. Test both. */
export type Readings = {
  /** Whether each statement of a `batch` counts against `d1.statements`, or the batch as one. */
  countStatements: 'each' | 'batch'
  /** The longest delay of a message, in seconds. */
  maxDelaySeconds: 43_200 | 86_400
  /** Whether a message that was acknowledged before the kill of its invocation stays so. */
  acknowledgedBeforeKill: 'kept' | 'lost'
}

/** The reading of each that forgives less. */
export const STRICTEST: Readings = {
  countStatements: 'each',
  maxDelaySeconds: 43_200,
  acknowledgedBeforeKill: 'lost',
}
