import { DIGEST_KEY } from '../../db/keys.ts'
import * as kv from '../../db/kv.ts'
import { operateSettings, readSettings } from '../../settings/settings.ts'
import { thresholdsOf } from '../../reports/rates.ts'
import { fetchIt, MAX_TEXT, postText, type Post } from '../alerts/notify.ts'
import { readDigest } from './read.ts'
import { dueWeek } from './week.ts'
import { writeDigest } from './words.ts'

/** The last digest: of the week of this Monday, and its text while it is yet to be sent. */
type State = { week: string; text?: string }

/**
 * Sends the digest of last week, once. Its text is stored first, and its success afterwards: if a run is killed in
 * between, the next one sends the same text; only if that happens between the response and the record, it comes twice.
 *
 * @param now UTC milliseconds
 * @returns whether it was sent
 */
export async function sendDigest(env: Env, now: number, post: Post = fetchIt): Promise<boolean> {
  const zone = readSettings(env).timeZone
  const week = dueWeek(now, zone)
  const state = parseState(await kv.get(env.DB, DIGEST_KEY))
  if (state && state.week >= week.monday && state.text === undefined) return false
  const text =
    state?.week === week.monday && state.text !== undefined
      ? state.text
      : await writeText(env, week, zone)
  if (text === null) {
    await store(env.DB, { week: week.monday })
    return false
  }
  await store(env.DB, { week: week.monday, text })
  if ((await postText(operateSettings(env), text, post)) !== 'sent') return false
  await store(env.DB, { week: week.monday })
  return true
}

/** Null if nothing happened in the week: a new receiver has nothing to tell. */
async function writeText(
  env: Env,
  week: Parameters<typeof readDigest>[1],
  zone: string,
): Promise<string | null> {
  const digest = await readDigest(env.DB, week, zone, thresholdsOf(env))
  return digest.channels.length === 0
    ? null
    : writeDigest(digest, operateSettings(env).language, MAX_TEXT)
}

function store(db: D1Database, state: State): Promise<void> {
  return kv.set(db, DIGEST_KEY, JSON.stringify(state))
}

function parseState(text: string | null): State | undefined {
  // One reasoned cast: `store` wrote it.
  return text === null ? undefined : (JSON.parse(text) as State)
}
