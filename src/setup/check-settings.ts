import { Refusal } from '../refusal.ts'
import { listFaults } from '../setting-check.ts'
import { operateSettings, operateTokens, readSettings, webhookSettings } from '../settings.ts'
import { operateSchema, webhookSchema } from '../setting-schemas.ts'
import { readConfig } from './config.ts'
import { SECRET_NAMES, type Credentials } from './credentials.ts'

/** What is wrong with the settings, in words; `isGrave` where the receiver would refuse everyone. */
export type SettingFault = { message: string; isGrave: boolean }

/**
 * What the receiver would find wrong with its settings; undefined where all would work.
 *
 * @param credentials undefined where this machine does not know them: then only the configuration is judged
 */
export function findSettingFault(
  credentials: Credentials | undefined,
  file = 'wrangler.toml',
): SettingFault | undefined {
  const { vars } = readConfig(file)
  if (!credentials) return findFaultOfVars(vars)
  const env = { ...vars, ...credentials }
  const grave = findRefusal(() => webhookSettings(env)) ?? findRefusal(() => readSettings(env))
  if (grave !== undefined) return { message: grave, isGrave: true }
  const [message] = operateSettings(env).faults.values()
  const other = message ?? findRefusal(() => operateTokens(env))
  return other === undefined ? undefined : { message: other, isGrave: false }
}

function findFaultOfVars(vars: object): SettingFault | undefined {
  const named = (faults: ReadonlyMap<string, string>) =>
    [...faults].flatMap(([setting, message]) => (SECRET_NAMES.includes(setting) ? [] : message))
  const [grave] = named(listFaults(webhookSchema, vars))
  const [other] = named(listFaults(operateSchema, vars))
  const message = grave ?? other
  return message === undefined ? undefined : { message, isGrave: grave !== undefined }
}

function findRefusal(read: () => unknown): string | undefined {
  try {
    read()
    return undefined
  } catch (error) {
    if (error instanceof Refusal) return error.message
    throw error
  }
}
