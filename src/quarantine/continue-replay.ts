import { log } from '../platform/log.ts'
import { operateSettings } from '../settings/settings.ts'
import { listItems } from '../db/quarantine/list.ts'
import { saveReplay, takeReplay } from '../db/quarantine/replays.ts'
import { STEP_ELEMENTS, takeReplayStep } from './replay.ts'

/**
 * Takes the next step of a replay that a request started. One that is killed is tried with half as many items, and an
 * item that kills it alone is left in quarantine.
 *
 * @returns whether there was any
 * @throws HttpError 503 if the database cannot store events
 */
export async function continueReplay(env: Env): Promise<boolean> {
  const replay = await takeReplay(env.DB)
  if (!replay) return false
  const { reason, cursor, tries } = replay
  const most = STEP_ELEMENTS[operateSettings(env).plan] >> (tries - 1)
  const { next } =
    most > 0
      ? await takeReplayStep(env, reason, cursor, most)
      : await listItems(env.DB, reason, 1, cursor, 0)
  if (most === 0) log('warn', 'replay_skipped', { tries })
  await saveReplay(env.DB, reason, next)
  return true
}
