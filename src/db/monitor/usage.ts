import { DAY_MS, MINUTE_MS } from '../../event/clock.ts'
import { errorText, log } from '../../platform/log.ts'
import { withTimeout } from '../../platform/timeout.ts'

/** What Cloudflare bills; the free plan has a daily quota for each. */
export type Usage = {
  rowsWritten: number
  rowsRead: number
  /** Of all queues: one for every 64 KB written, read or deleted. */
  queueOperations: number
}

/** When a new event was last stored; times in UTC milliseconds, 0 if never. */
export type LastEvent = {
  storedAt: number
  /** When the webhook's last event came in. */
  receivedAt: number
  /** The delay of that event from the edge to the database: milliseconds. */
  lag: number | null
}

/** The usage of one day (UTC), and the size of the database when it was last measured. */
export type DayUsage = Usage & LastEvent & { day: number; databaseBytes: number }

const NOTHING: Usage = { rowsWritten: 0, rowsRead: 0, queueOperations: 0 }
const MIN_READ = 5_000 // a thousandth of the free plan's quota: recording fewer is not worth writing a row
const KEPT_DAYS = 400
const FLUSH_LIMIT_MS = 2_000 // messages are acknowledged only afterwards
const OPERATION_BYTES = 64_000

const ADD = `
  INSERT INTO usage (day, rowsWritten, rowsRead, queueOperations, databaseBytes, storedAt, receivedAt, lag)
  SELECT ?1, ?2, ?3, ?4, ?5, max(?6, coalesce(last.storedAt, 0)), max(?7, coalesce(last.receivedAt, 0)),
    iif(?7 > coalesce(last.receivedAt, 0), ?8, last.lag)
  FROM (SELECT 1) LEFT JOIN (SELECT * FROM usage ORDER BY day DESC LIMIT 1) AS last
  WHERE true
  ON CONFLICT (day) DO UPDATE SET
    rowsWritten = rowsWritten + excluded.rowsWritten, rowsRead = rowsRead + excluded.rowsRead,
    queueOperations = queueOperations + excluded.queueOperations,
    databaseBytes = iif(excluded.databaseBytes = 0, databaseBytes, excluded.databaseBytes),
    storedAt = max(storedAt, excluded.storedAt),
    lag = iif(excluded.receivedAt > receivedAt, excluded.lag, lag),
    receivedAt = max(receivedAt, excluded.receivedAt)`

/** Selects the recorded `LastEvent`. */
export const LAST_EVENT = 'SELECT storedAt, receivedAt, lag FROM usage ORDER BY day DESC LIMIT 1'

/** Adds up the usage in memory, and records it at most once a minute. */
export class UsageMeter {
  #used = NOTHING
  #databaseBytes = 0
  #last: LastEvent = { storedAt: 0, receivedAt: 0, lag: null }
  #flushedAt = -Infinity

  /** Counts the cost of a statement. */
  countStatement({ rows_written, rows_read, size_after }: D1Meta): void {
    this.#add({ rowsWritten: rows_written, rowsRead: rows_read, queueOperations: 0 })
    this.#databaseBytes = size_after || this.#databaseBytes
  }

  /** Counts a batch of a queue: each message was written, is being read, and will be deleted. */
  countBatch({ messages }: Pick<MessageBatch<unknown>, 'messages'>): void {
    let queueOperations = 0
    for (const { body, attempts } of messages) {
      const units = Math.ceil(lengthOf(body) / OPERATION_BYTES) || 1
      queueOperations += units * (attempts > 1 ? 1 : 3)
    }
    this.#add({ ...NOTHING, queueOperations })
  }

  /**
   * Counts that new events were stored.
   *
   * @param receivedAt when the webhook's last event came in; undefined if none is from the webhook
   * @param now like `receivedAt` in UTC milliseconds
   */
  recordEvent(receivedAt: number | undefined, now: number): void {
    const { receivedAt: before } = this.#last
    const isNewer = receivedAt !== undefined && receivedAt > before
    const fromWebhook = isNewer ? { receivedAt, lag: Math.max(0, now - receivedAt) } : {}
    this.#last = { ...this.#last, storedAt: now, ...fromWebhook }
  }

  /**
   * Records the usage when it is due. Never throws: usage that could not be recorded is added to the next record.
   *
   * @param db the plain binding, not metered: the cost of recording is added here
   * @param now UTC milliseconds
   * @returns undefined if there is nothing to do
   */
  flush(db: D1Database, now: number): Promise<void> | undefined {
    const used = this.#used
    const isWorthIt = used.rowsWritten + used.queueOperations > 0 || used.rowsRead >= MIN_READ
    if (!isWorthIt || now - this.#flushedAt < MINUTE_MS) return undefined
    this.#used = NOTHING
    this.#flushedAt = now
    return this.#write(db, used, now)
  }

  async #write(db: D1Database, used: Usage, now: number): Promise<void> {
    try {
      const writing = write(db, used, this.#databaseBytes, this.#last, now)
      await withTimeout('recording the usage', FLUSH_LIMIT_MS, writing)
    } catch (error) {
      // If it did get through, this counts twice: better too much than too little.
      this.#add(used)
      log('warn', 'usage_not_recorded', { errors: [errorText(error)] })
    }
  }

  #add(more: Usage): void {
    const { rowsWritten, rowsRead, queueOperations } = this.#used
    this.#used = {
      rowsWritten: rowsWritten + more.rowsWritten,
      rowsRead: rowsRead + more.rowsRead,
      queueOperations: queueOperations + more.queueOperations,
    }
  }
}

/** The meter of this isolate. */
export const meter = new UsageMeter()

async function write(
  db: D1Database,
  { rowsWritten, rowsRead, queueOperations }: Usage,
  databaseBytes: number,
  { storedAt, receivedAt, lag }: LastEvent,
  now: number,
): Promise<void> {
  const today = startOfDay(now)
  await db.batch([
    db
      .prepare(ADD)
      .bind(
        today,
        rowsWritten + 1,
        rowsRead,
        queueOperations,
        databaseBytes,
        storedAt,
        receivedAt,
        lag,
      ),
    db.prepare('DELETE FROM usage WHERE day < ?').bind(today - KEPT_DAYS * DAY_MS),
  ])
}

/** The length of a message of text or bytes. */
function lengthOf(body: unknown): number {
  if (typeof body === 'string') return body.length
  return body instanceof ArrayBuffer || ArrayBuffer.isView(body) ? body.byteLength : 0
}

/** The start of a moment's day in UTC, as the free plan counts days. */
export function startOfDay(time: number): number {
  return Math.floor(time / DAY_MS) * DAY_MS
}
