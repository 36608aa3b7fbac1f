/**
 * Names in the key-value store by which `due.ts` sees that there is something to do: here, so that looking loads
 * nothing of what does it. A prefix ends with a dot.
 */

/** The prefix of raw messages to store: then the digest of the message. The value changes with each write and try. */
export const RAW_PREFIX = 'raw.'
/** The prefix of replays that are under way: then the digest of the reason. */
export const REPLAY_PREFIX = 'quarantine.replay.'
/** The prefix of quarantined items to review for erased subjects: then the item. */
export const REVIEW_PREFIX = 'erasure.review.'
/** The progress of erasures in the archive. */
export const PASS_KEY = 'erasure.pass'
/** The merge of archive files that is in progress. */
export const MERGE_KEY = 'archive.merge'
/** The cutoff for which everything has moved to the archive. */
export const MOVED_KEY = 'retention.done'
/** The time up to which events move early, since the database is nearly full: UTC milliseconds. */
export const EARLY_KEY = 'retention.early'
/** The months whose files differ from those in the archive's table. */
export const CHANGED_KEY = 'archive.changed'
/** The number of changes of the archive's files so far. */
export const COUNT_KEY = 'archive.changes'
/** The table that has the archive's files. */
export const TABLE_KEY = 'archive.table'
/** The anomalies of the last weeks, and the end of the last hour that was judged: a JSON object. */
export const ANOMALIES_KEY = 'anomalies'
/** The last digest: a JSON object. */
export const DIGEST_KEY = 'digest'
/** Why old events do not move. */
export const MOVE_ERROR_KEY = 'retention.error'
/** The day on which sync runs were pruned last. */
export const PRUNED_KEY = 'sync.pruned'
/** The time up to which hours with events were found, to be rolled up: UTC milliseconds. */
export const ROLLED_UP_KEY = 'rollups.until'
/** The time up to which contacts were folded into `engagement`, at the beginning of a day: UTC milliseconds. */
export const ENGAGED_KEY = 'engagement.until'
