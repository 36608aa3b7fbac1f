import { archiveBucket, operateSettings } from '../settings/settings.ts'
import { LIMITS, Work } from './work.ts'

/** The places that have events, for one request. */
export type History = {
  db: D1Database
  /** The archive's; undefined if there is none. */
  bucket: R2Bucket | undefined
  work: Work
}

/** The history of a receiver, as it is read in one request. */
export function openHistory(env: Env): History {
  const work = new Work(LIMITS[operateSettings(env).plan])
  return { db: env.DB, bucket: archiveBucket(env), work }
}

/** The same history, for another part of the request. */
export function continueHistory(history: History): History {
  return { ...history, work: history.work.next() }
}
