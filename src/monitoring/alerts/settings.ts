import { HttpError } from '../../platform/http-error.ts'
import {
  operateSettings,
  operateTokens,
  syncSettings,
  readSettings,
  webhookSettings,
} from '../../settings/settings.ts'
import { finding, type Checked } from './findings.ts'

const BY_LOG = 'Until then alerts are in the log of the Worker alone.'

const UNTIL_THEN: Readonly<Record<string, string>> = {
  KEEP_DAYS: 'Until then no more events move to the archive.',
  QUARANTINE_DAYS: 'Until then nothing that is set aside is deleted.',
  CLOUDFLARE_PLAN: 'Until then no more is done at once than the free plan allows.',
  ALERT_URL: BY_LOG,
  ALERT_FORMAT: BY_LOG,
}

/** Whether settings are wrong: those that let nobody in first. */
export function checkSettings(env: Env): Checked {
  const refused = [
    findRejection(
      () => webhookSettings(env),
      'Until then everything that Yespo sends is refused; it repeats it.',
    ),
    findRejection(() => readSettings(env), 'Until then nobody can read.'),
    findRejection(() => operateTokens(env), 'Until then nobody can delete, replay or rebuild.'),
    findRejection(() => syncSettings(env), "Until then Yespo's API is not read."),
  ]
  const others = [...operateSettings(env).faults].map(
    ([setting, message]) => [message, UNTIL_THEN[setting] ?? ''] as const,
  )
  // One that is wrong for several is told once, with the gravest of what follows from it.
  const told = new Map([...refused.flat(), ...others].toReversed())
  const lines = [...told].toReversed().map(([message, then]) => `${message} ${then}`)
  return { findings: finding('settings', lines.length === 0 ? null : lines.join(' ')) }
}

function findRejection(read: () => unknown, then: string): (readonly [string, string])[] {
  try {
    read()
    return []
  } catch (error) {
    if (error instanceof HttpError) return [[error.message, then]]
    throw error
  }
}
