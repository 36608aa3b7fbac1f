import { HttpError } from '../platform/http-error.ts'
import { listErrors } from '../settings/check.ts'
import {
  operateSettings,
  operateTokens,
  readSettings,
  webhookSettings,
} from '../settings/settings.ts'
import { operateSchema, webhookSchema } from '../settings/schemas.ts'
import { readConfig } from './config.ts'
import { SECRET_NAMES, type Credentials } from './credentials.ts'

/** What is wrong with the settings, in words; `isGrave` where the receiver would refuse everyone. */
export type SettingError = { message: string; isGrave: boolean }

/**
 * What the receiver would find wrong with its settings; undefined where all would work.
 *
 * @param credentials undefined where this machine does not know them: then only the configuration is judged
 */
export function findSettingError(
  credentials: Credentials | undefined,
  file = 'wrangler.toml',
): SettingError | undefined {
  const { vars } = readConfig(file)
  if (!credentials) return findVarsError(vars)
  const env = { ...vars, ...credentials }
  const grave = findRejection(() => webhookSettings(env)) ?? findRejection(() => readSettings(env))
  if (grave !== undefined) return { message: grave, isGrave: true }
  const [message] = operateSettings(env).faults.values()
  const other = message ?? findRejection(() => operateTokens(env))
  return other === undefined ? undefined : { message: other, isGrave: false }
}

function findVarsError(vars: object): SettingError | undefined {
  const named = (faults: ReadonlyMap<string, string>) =>
    [...faults].flatMap(([setting, message]) => (SECRET_NAMES.includes(setting) ? [] : message))
  const [grave] = named(listErrors(webhookSchema, vars))
  const [other] = named(listErrors(operateSchema, vars))
  const message = grave ?? other
  return message === undefined ? undefined : { message, isGrave: grave !== undefined }
}

function findRejection(read: () => unknown): string | undefined {
  try {
    read()
    return undefined
  } catch (error) {
    if (error instanceof HttpError) return error.message
    throw error
  }
}
