import { listErrors } from '../../settings/settings.ts'
import { SETTINGS } from '../../settings/table.ts'
import { finding, type Checked } from './findings.ts'

/** Whether settings are invalid: those that let nobody in first. */
export function checkSettings(env: Env): Checked {
  const lines = [...listErrors(env)].map(
    ([setting, message]) => `${message} ${SETTINGS[setting].ifInvalid}`,
  )
  return { findings: finding('settings', lines.length === 0 ? null : lines.join(' ')) }
}
