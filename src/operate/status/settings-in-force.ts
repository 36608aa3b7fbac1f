import { Refusal } from '../../refusal.ts'
import { listSecretsSet, operateSettings, webhookSettings } from '../../settings.ts'

/** Every setting in force that is no secret, and of the secrets which are set. */
export function describeSettings(env: Env) {
  const { keepDays, quarantineDays, plan, alertFormat, timeZone } = operateSettings(env)
  const webhook = readWebhook(env)
  return {
    KEEP_DAYS: keepDays,
    QUARANTINE_DAYS: quarantineDays,
    CLOUDFLARE_PLAN: plan,
    ALERT_FORMAT: alertFormat,
    YESPO_TIME_ZONE: timeZone,
    LABEL_HEADERS: webhook?.labelHeaders ?? null,
    MAX_BODY_BYTES: webhook?.maxBodyBytes ?? null,
    secrets: listSecretsSet(env),
  }
}

/** Null where they are wrong: that is a problem of its own. */
function readWebhook(env: Env) {
  try {
    return webhookSettings(env)
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}
