import { Refusal } from '../../refusal.ts'
import { describePull, listSecretsSet, operateSettings, webhookSettings } from '../../settings.ts'

/** Every setting in force that is no secret, null for one that is wrong, and of the secrets which are set. */
export function describeSettings(env: Env) {
  const operate = operateSettings(env)
  const { keepDays, quarantineDays, plan, alertFormat, faults } = operate
  const right = <T>(name: string, value: T) => (faults.has(name) ? null : value)
  const webhook = readUnlessWrong(() => webhookSettings(env))
  return {
    KEEP_DAYS: right('KEEP_DAYS', keepDays),
    QUARANTINE_DAYS: right('QUARANTINE_DAYS', quarantineDays),
    CLOUDFLARE_PLAN: right('CLOUDFLARE_PLAN', plan),
    ALERT_FORMAT: right('ALERT_FORMAT', alertFormat),
    YESPO_TIME_ZONE: readUnlessWrong(() => operate.timeZone),
    LABEL_HEADERS: webhook?.labelHeaders ?? null,
    MAX_BODY_BYTES: webhook?.maxBodyBytes ?? null,
    ...describePull(env),
    secrets: listSecretsSet(env),
  }
}

/** Null where they are wrong: that is a problem of its own. */
function readUnlessWrong<T>(read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}
