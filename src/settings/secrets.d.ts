import type { SETTINGS } from './table.ts'

type Settings = typeof SETTINGS
type SecretName = {
  [Name in keyof Settings]: Settings[Name]['kind'] extends 'secret' ? Name : never
}[keyof Settings]

/** The secrets that may be unset: `wrangler types` writes only the others, those of `.dev.vars.example`, to `env.d.ts`. */
type OptionalSecrets = Partial<Record<Exclude<SecretName, keyof __BaseEnv_Env>, string>>

declare global {
  interface Env extends OptionalSecrets {}
  namespace Cloudflare {
    interface Env extends OptionalSecrets {}
  }
}
