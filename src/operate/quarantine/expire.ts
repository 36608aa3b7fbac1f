import { DAY_MS } from '../../activity/clock.ts'
import { log } from '../../log.ts'
import { operateSettings } from '../../settings.ts'
import { deleteSetAside, readTelling } from '../../store/quarantine-expiry.ts'
import { expiringBy } from '../status/look.ts'

const MAX_PIECES = 3_000

/**
 * Deletes a bounded number of elements that were set aside longer than QUARANTINE_DAYS ago: only those
 * that the alert `expiring` was told of, and not before a day has passed since.
 *
 * @param now UTC milliseconds
 * @throws Refusal 503 where a setting is wrong, and what D1 throws
 */
export async function expireSetAside(env: Env, now: number): Promise<void> {
  const { quarantineDays } = operateSettings(env)
  if (quarantineDays === 0) return
  const { toldAt, note } = await readTelling(env.DB, 'expiring', 'expiring.days')
  if (toldAt === null || now - toldAt < DAY_MS || note !== String(quarantineDays)) return
  const receivedBy = Math.min(now - quarantineDays * DAY_MS, expiringBy(quarantineDays, toldAt))
  const pieces = await deleteSetAside(env.DB, receivedBy, MAX_PIECES)
  if (pieces === 0) return
  log('info', 'expired', { pieces })
}
