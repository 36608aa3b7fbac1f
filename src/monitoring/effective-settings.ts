import { HttpError } from '../platform/http-error.ts'
import {
  describeRun,
  listSecretsSet,
  operateSettings,
  webhookSettings,
} from '../settings/settings.ts'

/** Every setting in force that is no secret, null for one that is wrong, and of the secrets which are set. */
export function describeSettings(env: Env) {
  const operate = operateSettings(env)
  const { keepDays, quarantineDays, plan, alertFormat, faults } = operate
  const right = <T>(name: string, value: T) => (faults.has(name) ? null : value)
  const webhook = readUnlessInvalid(() => webhookSettings(env))
  return {
    KEEP_DAYS: right('KEEP_DAYS', keepDays),
    QUARANTINE_DAYS: right('QUARANTINE_DAYS', quarantineDays),
    CLOUDFLARE_PLAN: right('CLOUDFLARE_PLAN', plan),
    ALERT_FORMAT: right('ALERT_FORMAT', alertFormat),
    YESPO_TIME_ZONE: readUnlessInvalid(() => operate.timeZone),
    LABEL_HEADERS: webhook?.labelHeaders ?? null,
    MAX_BODY_BYTES: webhook?.maxBodyBytes ?? null,
    ...describeRun(env),
    secrets: listSecretsSet(env),
  }
}

/** Null where they are wrong: that is a problem of its own. */
function readUnlessInvalid<T>(read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof HttpError) return null
    throw error
  }
}
