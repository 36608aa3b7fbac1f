const RANDOM_BITS = 20 // beside a time until the year 2248

/**
 * What the rows that a transaction stores are marked with (`activity.savedBy`): a number that no other one has, and
 * that begins with when it was made. As decimal digits, since it has 63 bits.
 *
 * @param now UTC milliseconds
 */
export function newSavedBy(now = Date.now()): string {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1))
  return String((BigInt(now) << BigInt(RANDOM_BITS)) | BigInt(random >>> (32 - RANDOM_BITS)))
}

/** When the transaction of a row began, in SQL: UTC milliseconds. */
export const STORED_AT = `(savedBy >> ${RANDOM_BITS})`
