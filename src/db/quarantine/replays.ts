import { digest128 } from '../../event/identity.ts'
import { REPLAY_PREFIX } from '../keys.ts'
import * as kv from '../kv.ts'
import type { QuarantineCursor } from './list.ts'

/** A replay that is under way. */
export type Replay = {
  /** Undefined for all items. */
  reason?: string
  /** Where it continues. */
  cursor: QuarantineCursor
  /** Steps that were begun since its last progress, the one under way included. */
  tries: number
}

/** Saves where a replay continues, or with null that it is done. @param tries since its last progress */
export async function saveReplay(
  db: D1Database,
  reason: string | undefined,
  cursor: QuarantineCursor | null,
  tries = 0,
): Promise<void> {
  const replay = cursor && { ...(reason !== undefined && { reason }), cursor, tries }
  await kv.set(db, nameOf(reason), replay && JSON.stringify(replay))
}

/**
 * The next replay to continue, in turns; null if there is none. Its try is saved before it begins, so that a step that
 * kills its invocation can be told from the first one.
 */
export async function takeReplay(db: D1Database): Promise<Replay | null> {
  const entry = await kv.takeNext(db, REPLAY_PREFIX)
  if (!entry) return null
  // One reasoned cast: `saveReplay` wrote it.
  const replay = JSON.parse(entry.value) as Replay
  const taken = { ...replay, tries: replay.tries + 1 }
  await kv.replace(db, entry, { name: entry.name, value: JSON.stringify(taken) })
  return taken
}

function nameOf(reason: string | undefined): string {
  return `${REPLAY_PREFIX}${digest128(reason ?? '')}`
}
