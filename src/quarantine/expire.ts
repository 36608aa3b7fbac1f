import { DAY_MS } from '../event/clock.ts'
import { log } from '../platform/log.ts'
import { operateSettings } from '../settings/settings.ts'
import { deleteItems, expiringBy, readAnnouncement } from '../db/quarantine/expiry.ts'

const MAX_PARTS = 3_000

/**
 * Deletes a bounded number of items that have been in quarantine for longer than QUARANTINE_DAYS, if the alert
 * `expiring` announced them at least a day ago.
 *
 * @param now UTC milliseconds
 * @throws HttpError 503 if a setting is invalid, and what D1 throws
 */
export async function expireItems(env: Env, now: number): Promise<void> {
  const { quarantineDays } = operateSettings(env)
  if (quarantineDays === 0) return
  const { notifiedAt, days } = await readAnnouncement(env.DB)
  if (notifiedAt === null || now - notifiedAt < DAY_MS || days !== String(quarantineDays)) return
  const receivedBy = Math.min(now - quarantineDays * DAY_MS, expiringBy(quarantineDays, notifiedAt))
  const parts = await deleteItems(env.DB, receivedBy, MAX_PARTS)
  if (parts > 0) log('info', 'expired', { parts })
}
