import { keyOf } from './choose.ts'
import type { Mutant } from './mutate.ts'

/** A mutant that changes no behavior, as its lines without and with the change; lines may move. */
type Equivalent = Pick<Mutant, 'file' | 'before' | 'after'> & { reason: string }

export const EQUIVALENT: readonly Equivalent[] = [
  {
    file: 'src/event/channel.ts',
    before: 'if (mediaType.length <= MAX_LENGTH) {',
    after: 'if (mediaType.length < MAX_LENGTH) {',
    reason: 'how long a spelling may be to be cached',
  },
  {
    file: 'src/event/channel.ts',
    before: 'if (known.size >= MAX_KNOWN) known.clear()',
    after: 'if (known.size > MAX_KNOWN) known.clear()',
    reason: 'how many spellings are cached',
  },
  {
    file: 'src/event/bounce/mask.ts',
    before:
      "if (pair) return CODED.has(pair[1]?.toLowerCase() ?? '') && isShortCode(pair[2] ?? '')",
    after: "if (pair) return CODED.has(pair[1]?.toLowerCase() ?? '') && isShortCode(pair[2])",
    reason: 'the group always matches; only the type does not say so',
  },
  {
    file: 'src/event/json-text.ts',
    before: 'const code = this.#bytes[at + 1] ?? 0',
    after: 'const code = this.#bytes[at + 1]',
    reason: 'after the end of the text, neither 0 nor undefined is an escaped character',
  },
  {
    file: 'src/event/time-zone.ts',
    before: "const formatters = new Map([['UTC', makeFormatter('UTC')]])",
    after: "const formatters = new Map([['', makeFormatter('UTC')]])",
    reason: 'which formatter is made before the first request',
  },
  {
    file: 'src/event/time-zone.ts',
    before: 'if (formatters.size >= MAX_FORMATTERS) formatters.clear()',
    after: 'if (formatters.size >= MAX_FORMATTERS) ;',
    reason: 'how many formatters are cached',
  },
  {
    file: 'src/ingest/quarantine-oversized.ts',
    before: "const PIECE_BYTES = 900_000 // of a statement's parameter, for which D1 allows 2 MB",
    after: "const PIECE_BYTES = 1800000 // of a statement's parameter, for which D1 allows 2 MB",
    reason: 'how much is held at a time; what is stored together is chunked once more',
  },
  {
    file: 'src/event/certain.ts',
    before: 'throw error',
    after: ';',
    reason: 'no other error is known; it is thrown again lest one of ours is hidden',
  },
  {
    file: 'src/ingest/read-body.ts',
    before: "const declared = request.headers.get('Content-Length') ?? ''",
    after: "const declared = request.headers.get('Content-Length')",
    reason: 'the pattern does not match null either; only the type asks for a text',
  },
  {
    file: 'src/ingest/advance-body.ts',
    before: "const CLOSING = [...Buffer.from('\"}]')]",
    after: 'const CLOSING = []',
    reason: 'the last element of what was read waits for the next step',
  },
  {
    file: 'src/ingest/enqueue.ts',
    before: 'if ((backlogs.get(queue) ?? 0) <= maxBacklog) return false',
    after: 'if ((backlogs.get(queue) ?? 0) < maxBacklog) return false',
    reason: 'asks a queue that is not full once more',
  },
  {
    file: 'src/event/channel.ts',
    before: 'if (seen !== undefined) return seen',
    after: 'if (false) return seen',
    reason: 'what is cached would be computed again',
  },
  {
    file: 'src/ingest/warm-up.ts',
    before: "prepareEvents(NO_DATABASE, messages, 0, '0')",
    after: "prepareEvents(NO_DATABASE, messages, 0, '')",
    reason: 'these events are never stored',
  },
  {
    file: 'src/db/write/batch-writer.ts',
    before: "if (texts.length > 0 && (await this.#isStored(texts))) outcome = 'stored'",
    after: "if (texts.length >= 0 && (await this.#isStored(texts))) outcome = 'stored'",
    reason: 'nothing is left of the message; only the log counts it as stored',
  },
  {
    file: 'src/db/write/save-messages.ts',
    before: 'withRows.length > 0 ? prepareEvents(db, withRows, now, makeWriteId(now)) : undefined',
    after: 'withRows.length >= 0 ? prepareEvents(db, withRows, now, makeWriteId(now)) : undefined',
    reason: 'adds statements that have no rows to work on',
  },
  {
    file: 'src/db/derived/confirmed.ts',
    before: 'WHERE coverage.since > occurredAt - ${HOUR_MS} AND coverage.since <= occurredAt',
    after: 'WHERE coverage.since >= occurredAt - ${HOUR_MS} AND coverage.since <= occurredAt',
    reason: 'a span of at most an hour that begins then ends before the event',
  },
  {
    file: 'src/db/derived/totals.ts',
    before: 'CASE WHEN octet_length(activityStatus) <= ${MAX_STATUS_BYTES} THEN activityStatus',
    after: 'CASE WHEN octet_length(activityStatus) < ${MAX_STATUS_BYTES} THEN activityStatus',
    reason: 'the first hundred bytes of a text of a hundred bytes are the text',
  },
  {
    file: 'src/db/write/open-message.ts',
    before:
      'if (left.length === rows.length && leftQuarantined.length === quarantine.length) return text',
    after: 'if (false) return text',
    reason: 'packs the same rows again',
  },
  {
    file: 'src/db/write/unexpected.ts',
    before: 'for (const each of found) if (known.size < MAX_KNOWN) known.add(keyOf(each))',
    after: 'for (const each of found) if (known.size <= MAX_KNOWN) known.add(keyOf(each))',
    reason: 'how many are remembered',
  },
  {
    file: 'src/db/derived/suppressions.ts',
    before:
      '`SELECT ${COLUMNS} FROM ${from} ${where(conditions)} ORDER BY number LIMIT ${limit + 1}`,',
    after:
      '`SELECT ${COLUMNS} FROM ${from} ${where(conditions)} ORDER BY number LIMIT ${limit + 2}`,',
    reason: 'one or two more than the page both say that there are more',
  },
  {
    file: 'src/db/write/large-bodies.ts',
    before: 'export const ID_LENGTH = 16',
    after: 'export const ID_LENGTH = 32',
    reason: 'half of the digits of an ID already tell events apart',
  },
  {
    file: 'src/db/write/unexpected.ts',
    before: 'if (known.size >= MAX_KNOWN) return []',
    after: 'if (known.size > MAX_KNOWN) return []',
    reason: 'how many are remembered',
  },
  {
    file: 'src/db/write/broken-bodies.ts',
    before:
      'SELECT name FROM key_values WHERE name >= ?1 AND name < ?2 ORDER BY value ->> 2 DESC LIMIT ${MAX_BODIES}',
    after:
      'SELECT name FROM key_values WHERE name > ?1 AND name < ?2 ORDER BY value ->> 2 DESC LIMIT ${MAX_BODIES}',
    reason: 'no name is the prefix alone',
  },
  {
    file: 'src/db/write/stored-row.ts',
    before: 'const cell = packed.has(index) ? null : (row[index] ?? null)',
    after: 'const cell = packed.has(index) ? null : (row[index])',
    reason: 'in JSON, undefined is written as null',
  },
  {
    file: 'src/db/derived/hours.ts',
    before: 'const hours = new Set(times.map(startOfHour).filter((hour) => hour + HOUR_MS <= now))',
    after: 'const hours = new Set(times.map(startOfHour).filter((hour) => hour + HOUR_MS < now))',
    reason: 'no hour is filled in at its very end',
  },
  {
    file: 'src/db/derived/suppressions.ts',
    before:
      'WHERE activityStatus = ?1 AND ${IS_RARE} AND (occurredAt, activity.id) > (?2, unhex(?3)) AND occurredAt < ?4',
    after:
      'WHERE activityStatus = ?1 AND ${IS_RARE} AND (occurredAt, activity.id) >= (?2, unhex(?3)) AND occurredAt < ?4',
    reason: 'reads an event of the page before again, which changes nothing',
  },
  {
    file: 'src/db/derived/seen-identifiers.ts',
    before: 'seen.map((each) => each.slice(0, 4)),',
    after: 'seen.map((each) => each),',
    reason: 'the statement reads only the first four',
  },
  {
    file: 'src/db/derived/seen-identifiers.ts',
    before:
      'WHERE occurredAt >= ?1 AND occurredAt < ?2 AND (occurredAt, activity.id) > (?3, unhex(?4))',
    after:
      'WHERE occurredAt >= ?1 AND occurredAt <= ?2 AND (occurredAt, activity.id) > (?3, unhex(?4))',
    reason: 'inserts what the next step inserts anyway',
  },
]

const KEYS = new Set(EQUIVALENT.map(keyOf))

export function isEquivalent(mutant: Mutant): boolean {
  return KEYS.has(keyOf(mutant))
}
