import { listErrors } from '../../settings/settings.ts'
import { SETTINGS } from '../../settings/table.ts'
import type { Phrase } from '../../language/messages.ts'
import type { AlertRule } from './rule.ts'

export const settingsAlert: AlertRule = {
  name: 'settings',
  check: ({ env }) => describeInvalidSettings(env),
}

/** The invalid settings, those that lock everyone out first; null if there are none. */
export function describeInvalidSettings(env: Env): Phrase[] | null {
  const lines = [...listErrors(env)].map(
    ([setting, message]) => `${message} ${SETTINGS[setting].ifInvalid}`,
  )
  return lines.length === 0
    ? null
    : lines.map((text) => ({ key: 'alerts.plain', values: { text } }))
}
