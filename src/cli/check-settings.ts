import { listErrors } from '../settings/settings.ts'
import { SETTINGS } from '../settings/table.ts'
import { readConfig } from './config.ts'
import type { Credentials } from './credentials.ts'

/** An error of the settings, in words; `isGrave` if the receiver would reject everyone. */
export type SettingError = { message: string; isGrave: boolean }

/**
 * The gravest error that the receiver would find in its settings; undefined if all are valid.
 *
 * @param credentials undefined if this machine does not know them: then only wrangler.toml is checked
 */
export function findSettingError(
  credentials: Credentials | undefined,
  file = 'wrangler.toml',
): SettingError | undefined {
  for (const [name, message] of listErrors({ ...readConfig(file).vars, ...credentials })) {
    const { kind, groups }: { kind: string; groups: readonly string[] } = SETTINGS[name]
    if (kind === 'secret' && !credentials) continue
    return { message, isGrave: groups.includes('webhook') || groups.includes('read') }
  }
  return undefined
}
