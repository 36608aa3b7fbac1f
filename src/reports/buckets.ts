import { DAY_MS, HOUR_MS, toUtc } from '../event/clock.ts'
import { listOffsetSpans, type OffsetSpan } from '../event/offset-spans.ts'
import { offsetAt } from '../event/time-zone.ts'
import { checkPeriod, invalidParameter } from '../http/parse-query.ts'

/** The units of time of totals: the maximum number in a response, and the default. */
export const BUCKETS = {
  hour: { ms: HOUR_MS, max: 31 * 24, default: 24 },
  day: { ms: DAY_MS, max: 400, default: 30 },
} as const

/** An hour or a day of a zone's clocks. */
export type Bucket = {
  /** Its number, counted by the clocks from 1970. */
  bucket: number
  /** How far the clocks are ahead of UTC, in milliseconds; 0 for a day, which may have two offsets. */
  offset: number
  /** UTC milliseconds. */
  start: number
}

/** The key of a bucket: an hour that occurs twice is two buckets, a day is always one. */
export function placeOf(
  by: keyof typeof BUCKETS,
  { bucket, offset }: { bucket: number; offset: number },
): string {
  return by === 'day' ? `${bucket}` : `${bucket} ${offset}`
}

/** A bucket as the clocks show it, such as `2026-03-01T14:00` or `2026-03-01`. */
export function nameBucket(by: keyof typeof BUCKETS, { bucket }: Bucket): string {
  return new Date(bucket * BUCKETS[by].ms).toISOString().slice(0, by === 'day' ? 10 : 16)
}

/**
 * The spans of full hours or days of a query.
 * @throws HttpError 400 if there are none, or too many for one response
 */
export function chooseOffsetSpans(
  by: keyof typeof BUCKETS,
  { since, until = Date.now() }: { since?: number | undefined; until?: number | undefined },
  zone: string,
): OffsetSpan[] {
  const { ms, max, default: count } = BUCKETS[by]
  const start = since ?? until - (count - 1) * ms
  checkPeriod({ since: start, until })
  if (until - start > (max + 2) * ms) throw tooLong(by)
  const [first, last] = [offsetAt(start, zone), offsetAt(until - 1, zone)]
  const firstBucket = Math.floor((start + first) / ms)
  const end = Math.floor((until - 1 + last) / ms) + 1
  // By the clocks: a month in which an hour occurs twice is still a month.
  if (end - firstBucket > max) throw tooLong(by)
  if (by === 'day')
    return listOffsetSpans(startOfDay(firstBucket, zone), startOfDay(end, zone), zone)
  // Clocks that change by half an hour split an hour.
  const spans = listOffsetSpans(firstBucket * ms - first, end * ms - last, zone)
  return spans.filter((span) => span.until > start && span.since < until)
}

function tooLong(by: keyof typeof BUCKETS) {
  return invalidParameter('since', `must be at most ${BUCKETS[by].max} ${by}s before the end`)
}

/** The hours or days of spans, oldest first. */
export function listBuckets(
  by: keyof typeof BUCKETS,
  spans: readonly OffsetSpan[],
  zone: string,
): Bucket[] {
  return by === 'day' ? listDays(spans, zone) : listHours(spans)
}

function startOfDay(day: number, zone: string): number {
  const midnight = `${new Date(day * DAY_MS).toISOString().slice(0, 10)}T00:00`
  return toUtc(midnight, zone) ?? day * DAY_MS
}

function listHours(spans: readonly OffsetSpan[]): Bucket[] {
  return spans.flatMap(({ since, until, offset }) => {
    const first = Math.floor((since + offset) / HOUR_MS)
    const end = Math.ceil((until + offset) / HOUR_MS)
    return Array.from({ length: end - first }, (_, index) => {
      const bucket = first + index
      return { bucket, offset, start: Math.max(since, bucket * HOUR_MS - offset) }
    })
  })
}

function listDays(spans: readonly OffsetSpan[], zone: string): Bucket[] {
  const [first, last] = [spans[0], spans.at(-1)]
  if (!first || !last) return []
  const start = Math.floor((first.since + first.offset) / DAY_MS)
  const end = Math.floor((last.until - 1 + last.offset) / DAY_MS)
  return Array.from({ length: end - start + 1 }, (_, index) => {
    const bucket = start + index
    return { bucket, offset: 0, start: startOfDay(bucket, zone) }
  }).filter(({ bucket, start: at }) => startOfDay(bucket + 1, zone) > at) // a day may be skipped
}
