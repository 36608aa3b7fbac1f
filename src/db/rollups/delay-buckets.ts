/** The buckets of delays: so many for each doubling. */
export const DELAY_BUCKETS = 16

/** The bucket of a delay. @param seconds from 0 */
export function bucketOfDelay(seconds: number): number {
  return Math.floor(DELAY_BUCKETS * Math.log2(1 + seconds / 60))
}

/** The start of a bucket: seconds. @param bucket may be a part of one further */
export function startOfBucket(bucket: number): number {
  return 60 * (2 ** (bucket / DELAY_BUCKETS) - 1)
}
