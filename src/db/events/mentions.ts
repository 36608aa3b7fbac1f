import { MEMBER_NAMES } from '../erasure/subject-members.ts'

/**
 * Whether the column `extra` of `activity` may tell of someone, in SQL: only then it is read, as there may be much of
 * it. LIKE knows no upper and lower case.
 */
export const MENTIONS_SUBJECT = `(${MEMBER_NAMES.map((name) => `activity.extra LIKE '%"${name}":%'`).join(' OR ')})`
