import { listErrors } from '../settings/settings.ts'
import { SETTINGS } from '../settings/table.ts'
import { readConfig } from './config.ts'
import type { Credentials } from './credentials.ts'

/** An error of the settings, in words; `rejected` are the requests that the receiver rejects because of it. */
export type SettingError = { message: string; rejected?: string }

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
    const rejected = describeRejected(groups)
    return rejected === undefined ? { message } : { message, rejected }
  }
  return undefined
}

function describeRejected(groups: readonly string[]): string | undefined {
  const isRead = groups.includes('read')
  if (groups.includes('webhook')) return isRead ? 'everyone' : 'all requests from Yespo'
  return isRead ? 'all sign-ins and API requests' : undefined
}
