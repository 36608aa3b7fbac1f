import { Secret } from '../platform/secret.ts'
import {
  readAccess,
  readArchive,
  readGroup,
  readReading,
  readSetting,
  readWebhook,
  rejectInvalid,
  type SettingErrors,
} from './read.ts'
import { OPERATOR } from './parsers.ts'
import {
  SECRET_NAMES,
  VAR_NAMES,
  type SettingName,
  type Value,
  type Values,
  type VarName,
} from './table.ts'

/** Settings never change while a Worker runs, so each environment is read once. */
function oncePerEnv<Settings>(read: (env: object) => Settings): (env: object) => Settings {
  const known = new WeakMap<object, { settings: Settings }>()
  return (env) => {
    let entry = known.get(env)
    if (!entry) {
      entry = { settings: read(env) }
      known.set(env, entry)
    }
    return entry.settings
  }
}

/**
 * The settings of the webhook: what it accepts (`credentials`, `login:password` pairs, and `headerSets`), the
 * current one first, empty if it asks for none; and how it reads events.
 *
 * @throws HttpError 503 `not_configured` that names the setting which is missing or invalid
 */
export const webhookSettings = oncePerEnv((env) => {
  const { values, errors } = readWebhook(env)
  rejectInvalid(errors)
  const { login, password, headers, previousLogin, previousPassword, previousHeaders } = values
  // The previous set only ever stands in for a current one: alone it asks for nothing.
  const pairs = login ? [`${login}:${password}`] : []
  if (login && previousLogin) pairs.push(`${previousLogin}:${previousPassword}`)
  return {
    login: login || undefined,
    credentials: pairs.map((pair) => new Secret(pair)),
    headerSets:
      headers.length > 0 ? [headers, previousHeaders].filter((set) => set.length > 0) : [],
    labelHeaders: values.labelHeaders,
    timeZone: values.timeZone,
    maxBodyBytes: values.maxBodyBytes,
  }
})
export type WebhookSettings = ReturnType<typeof webhookSettings>

/** A token: the name of whoever has it, and whether it allows changes. */
export type Token = { name: string; secret: Secret; mayOperate: boolean }

/**
 * The settings of the read API.
 * @throws HttpError 503 `not_configured` that names the setting which is missing or invalid
 */
export const readSettings = oncePerEnv((env) => {
  const { values, errors } = readReading(env)
  rejectInvalid(errors)
  return values
})

/**
 * The tokens that may read: the operator's, if there is one, and the read tokens. An invalid token of the operator
 * does not block reading.
 *
 * @throws HttpError 503 `not_configured` that names the setting which is missing or invalid
 */
export const readingTokens = oncePerEnv((env): readonly Token[] => {
  const { values, errors } = readGroup('operate', env)
  const { tokens } = readSettings(env)
  const mayOperate = values.token === undefined && !errors.has('OPERATE_TOKEN')
  return [...operatorToken(values.token), ...tokens.map((token) => ({ ...token, mayOperate }))]
})

/**
 * The tokens that may delete, replay and rebuild: the read tokens, unless there is one of its own.
 * @throws HttpError 503 `not_configured` that names the setting which is missing or invalid
 */
export const operateTokens = oncePerEnv((env): readonly Token[] => {
  const { values, errors } = readGroup('operate', env)
  rejectInvalid(new Map([...errors].filter(([name]) => name === 'OPERATE_TOKEN')))
  return values.token ? operatorToken(values.token) : readingTokens(env)
})

function operatorToken(secret: Secret | undefined): Token[] {
  return secret === undefined ? [] : [{ name: OPERATOR, secret, mayOperate: true }]
}

/**
 * The settings of Cloudflare Access; undefined if it signs nobody in.
 * @throws HttpError 503 `not_configured` that names the setting which is missing or invalid
 */
export const accessSettings = oncePerEnv((env): Values<'access'> | undefined => {
  const { values, errors } = readAccess(env)
  rejectInvalid(errors)
  return values.teamDomain === '' ? undefined : values
})

/**
 * The settings of maintenance and monitoring. An invalid one stops nothing else: it is among the `errors`, and
 * its value is safe: nothing is moved or deleted because of it.
 */
export const operateSettings = oncePerEnv((env) => {
  const { values, errors } = readGroup('operate', env)
  const { token, ...others } = values
  return { ...others, errors }
})
export type OperateSettings = ReturnType<typeof operateSettings>

// A thousand events take some 40 ms of processor time, and the free plan has 10 per invocation.
const MAX_ROWS = { free: 150, paid: 1_000 } as const

/** The settings of the sync with Yespo's API. */
export type SyncSettings = Omit<Values<'sync'>, 'apiTimeZone'> & {
  timeZoneOfWebhook: string
  /** Whether the API's zone is set, and not assumed to be the webhook's. */
  isTimeZoneSet: boolean
  /** How many events a call may be answered with. */
  maxRows: number
}

/**
 * The settings of the sync with Yespo's API; undefined if no key is set, so that there is none.
 * @throws HttpError 503 `not_configured` that names the setting which is invalid
 */
export const syncSettings = oncePerEnv((env): SyncSettings | undefined => {
  const { values, errors } = readGroup('sync', env)
  rejectInvalid(errors)
  if (values.key === '') return undefined
  const { apiTimeZone, timeZone: timeZoneOfWebhook, ...others } = values
  return {
    ...others,
    timeZone: apiTimeZone || timeZoneOfWebhook,
    timeZoneOfWebhook,
    isTimeZoneSet: apiTimeZone !== '',
    maxRows: MAX_ROWS[operateSettings(env).plan],
  }
})

/** The settings of the archive. `catalog` is undefined if it is in the bucket itself. */
export type ArchiveSettings = {
  bucketName: string
  catalog: { url: string; warehouse: string; token: string } | undefined
}

/**
 * The settings of the archive.
 * @throws HttpError 503 `not_configured` that names the setting which is missing or invalid
 */
export const archiveSettings = oncePerEnv((env): ArchiveSettings => {
  const { values, errors } = readArchive(env)
  rejectInvalid(errors)
  const { bucketName, catalogUrl: url, catalogWarehouse: warehouse, catalogToken: token } = values
  return { bucketName, catalog: url === '' ? undefined : { url, warehouse, token } }
})

/** Whether Yespo's API is read. It is not if a setting of it is invalid, which is an alert of its own. */
export function readsApi(env: object): boolean {
  return readGroup('sync', env).errors.size === 0 && syncSettings(env) !== undefined
}

/** The errors of the Worker's settings, the gravest first. */
export function listErrors(env: object): SettingErrors {
  return new Map(
    [
      readWebhook(env),
      readReading(env),
      readAccess(env),
      readGroup('operate', env),
      readGroup('sync', env),
      readArchive(env),
    ].flatMap(({ errors }) => [...errors]),
  )
}

type EffectiveSettings = { readonly [Name in VarName]: Value<Name> | null } & {
  secrets: Readonly<Record<string, boolean>>
}

/** The variables in effect, null for an invalid one; and which secrets are set. */
export function describeSettings(env: object): EffectiveSettings {
  const valueOf = (name: SettingName) => {
    const { value, error } = readSetting(name, env)
    return error === undefined ? value : null
  }
  const isSet = (name: SettingName) => String(Reflect.get(env, name) ?? '').trim() !== ''
  const vars = Object.fromEntries(VAR_NAMES.map((name) => [name, valueOf(name)]))
  const secrets = Object.fromEntries(SECRET_NAMES.map((name) => [name, isSet(name)]))
  if (vars['YESPO_API_TIME_ZONE'] === '') vars['YESPO_API_TIME_ZONE'] = valueOf('YESPO_TIME_ZONE')
  return { ...vars, secrets } as EffectiveSettings // the table's names, and what their parsers return
}

/** The bucket that old events move to; undefined if wrangler.toml names none. */
export function archiveBucket(env: Env & { ARCHIVE?: R2Bucket }): R2Bucket | undefined {
  return env.ARCHIVE
}
