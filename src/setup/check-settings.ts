import { experimental_readRawConfig as readRawConfig } from 'wrangler'
import { Refusal } from '../refusal.ts'
import { operateSettings, operateTokens, readSettings, webhookSettings } from '../settings.ts'
import type { Credentials } from './credentials.ts'

/** What the receiver would find wrong with its settings, in words; undefined where it would work. */
export function findSettingFault(credentials: Credentials): string | undefined {
  const { rawConfig } = readRawConfig({ config: 'wrangler.toml' })
  const env = { ...rawConfig.vars, ...credentials }
  try {
    webhookSettings(env)
    readSettings(env)
    operateSettings(env)
    operateTokens(env)
    return undefined
  } catch (error) {
    if (error instanceof Refusal) return error.message
    throw error
  }
}
