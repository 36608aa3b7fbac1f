import { DAY_MS } from '../event/clock.ts'
import { log } from '../platform/log.ts'
import { operateSettings } from '../settings/settings.ts'
import { deleteItems, expiringBy, readNotified } from '../db/quarantine/expiry.ts'

const MAX_PIECES = 3_000

/**
 * Deletes a bounded number of elements that were set aside longer than QUARANTINE_DAYS ago: only those
 * that the alert `expiring` was told of, and not before a day has passed since.
 *
 * @param now UTC milliseconds
 * @throws HttpError 503 where a setting is wrong, and what D1 throws
 */
export async function expireItems(env: Env, now: number): Promise<void> {
  const { quarantineDays } = operateSettings(env)
  if (quarantineDays === 0) return
  const { notifiedAt, value: note } = await readNotified(env.DB, 'expiring', 'expiring.days')
  if (notifiedAt === null || now - notifiedAt < DAY_MS || note !== String(quarantineDays)) return
  const receivedBy = Math.min(now - quarantineDays * DAY_MS, expiringBy(quarantineDays, notifiedAt))
  const pieces = await deleteItems(env.DB, receivedBy, MAX_PIECES)
  if (pieces === 0) return
  log('info', 'expired', { pieces })
}
