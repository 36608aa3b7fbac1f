import type { RequiredHeader } from './required-headers.ts'
import { Secret } from '../platform/secret.ts'
import { check, oncePerEnv, readValid } from './check.ts'
import {
  operateSchema,
  operateTokenSchema,
  syncSchema,
  readSchema,
  timeZoneSchema,
  webhookSchema,
} from './schemas.ts'

/** What the webhook needs to know. */
export type WebhookSettings = {
  /** The current login; undefined where Basic is not asked for. */
  login: string | undefined
  /** `login:password` pairs let in, the current one first; empty where Basic is not asked for. */
  credentials: readonly Secret[]
  /** Sets of headers let in, the current one first; empty where none is asked for. */
  headerSets: readonly (readonly RequiredHeader[])[]
  labelHeaders: readonly string[]
  timeZone: string
  maxBodyBytes: number
}

/** What the read API needs to know. */
export type ReadSettings = { tokens: readonly Secret[]; timeZone: string }

/**
 * The settings of the webhook.
 * @throws HttpError 503 `not_configured` that names the setting which is missing or wrong
 */
export const webhookSettings = oncePerEnv((env): WebhookSettings => {
  const values = check(webhookSchema, env)
  // The previous set only ever stands in for a current one: alone it asks for nothing.
  const credentials = values.WEBHOOK_LOGIN
    ? [
        basicSecret(values.WEBHOOK_LOGIN, values.WEBHOOK_PASSWORD),
        ...(values.WEBHOOK_LOGIN_PREVIOUS
          ? [basicSecret(values.WEBHOOK_LOGIN_PREVIOUS, values.WEBHOOK_PASSWORD_PREVIOUS)]
          : []),
      ]
    : []
  const headerSets =
    values.WEBHOOK_HEADERS.length > 0
      ? [values.WEBHOOK_HEADERS, values.WEBHOOK_HEADERS_PREVIOUS].filter((set) => set.length > 0)
      : []
  return {
    login: values.WEBHOOK_LOGIN || undefined,
    credentials,
    headerSets,
    labelHeaders: values.LABEL_HEADERS,
    timeZone: values.YESPO_TIME_ZONE,
    maxBodyBytes: values.MAX_BODY_BYTES,
  }
})

/**
 * The settings of the read API.
 * @throws HttpError 503 `not_configured` that names the setting which is missing or wrong
 */
export const readSettings = oncePerEnv((env): ReadSettings => {
  const values = check(readSchema, env)
  const tokens = [values.READ_TOKEN, values.READ_TOKEN_PREVIOUS].filter((token) => token !== '')
  return {
    tokens: tokens.map((token) => new Secret(token)),
    timeZone: values.YESPO_TIME_ZONE,
  }
})

/**
 * The tokens that may read: the read tokens, and that of the operator, where it is one. A wrong one of
 * the operator's shuts nobody out of reading.
 *
 * @throws HttpError 503 `not_configured` that names the setting which is missing or wrong
 */
export const readingTokens = oncePerEnv((env): readonly Secret[] => {
  const { tokens } = readSettings(env)
  const token = operateTokenSchema.safeParse(env).data?.OPERATE_TOKEN
  return token ? [...tokens, new Secret(token)] : tokens
})

/** What looks after the receiver needs to know. */
export type OperateSettings = {
  /** Days after which events move to the archive; 0 keeps all, as does one that is wrong. */
  keepDays: number
  /** Days after which what was set aside is deleted; 0 keeps all, as does one that is wrong. */
  quarantineDays: number
  /** `free` where it is wrong: what that takes, every plan does. */
  plan: 'free' | 'paid'
  /** Undefined where nobody is to be told. It may be a credential: for `fetch` alone. */
  alertUrl: string | undefined
  alertFormat: 'slack' | 'plain'
  /** Throws HttpError 503 where it is wrong: no event can be read without it. */
  readonly timeZone: string
  /** What is wrong, by the name of the setting, in words. */
  faults: ReadonlyMap<string, string>
}

/**
 * The settings of what looks after the receiver. A wrong one keeps nothing else from being done: it is
 * among the faults, and what goes by it then changes and deletes nothing.
 */
export const operateSettings = oncePerEnv((env): OperateSettings => {
  const { values, faults } = readValid(operateSchema, env)
  return {
    keepDays: faults.has('KEEP_DAYS') ? 0 : values.KEEP_DAYS,
    quarantineDays: faults.has('QUARANTINE_DAYS') ? 0 : values.QUARANTINE_DAYS,
    plan: values.CLOUDFLARE_PLAN,
    alertUrl: values.ALERT_URL || undefined,
    alertFormat: values.ALERT_FORMAT,
    get timeZone() {
      return readTimeZone(env)
    },
    faults,
  }
})

const readTimeZone = oncePerEnv((env) => check(timeZoneSchema, env).YESPO_TIME_ZONE)

/**
 * The tokens that may delete, replay and rebuild: the read tokens, unless there is one of its own.
 * @throws HttpError 503 `not_configured` that names the setting which is missing or wrong
 */
export const operateTokens = oncePerEnv((env): readonly Secret[] => {
  const { OPERATE_TOKEN } = check(operateTokenSchema, env)
  return OPERATE_TOKEN ? [new Secret(OPERATE_TOKEN)] : readSettings(env).tokens
})

const SECRETS = ['WEBHOOK_LOGIN', 'WEBHOOK_PASSWORD', 'WEBHOOK_HEADERS', 'READ_TOKEN'] as const
const PREVIOUS = SECRETS.map((name) => `${name}_PREVIOUS` as const)

/** Which secrets are set, and nothing more of them. */
export function listSecretsSet(env: Env): Record<string, boolean> {
  const names = [...SECRETS, 'OPERATE_TOKEN', 'ALERT_URL', 'YESPO_API_KEY', ...PREVIOUS] as const
  return Object.fromEntries(names.map((name) => [name, Boolean(env[name]?.trim())]))
}

// A thousand events take some 40 ms of processor time, and the free plan has 10 for an invocation.
const MAX_ROWS = { free: 250, paid: 1_000 } as const

/** What reading Yespo's API needs to know. */
export type SyncSettings = {
  url: string
  /** For the one header that carries it. */
  key: string
  /** Of its times, and of the webhook's: IANA names. */
  timeZone: string
  timeZoneOfWebhook: string
  /** Whether the former was set, and not taken to be the latter. */
  isTimeZoneSet: boolean
  /** Minutes from one reading to the next; 0 for none by itself. */
  everyMinutes: number
  /** How far back the first one goes. */
  days: number
  /** How many events a call may be answered with. */
  maxRows: number
}

/**
 * The settings of reading Yespo's API; undefined where no key is set, and so it is not read.
 * @throws HttpError 503 `not_configured` that names the setting which is wrong
 */
export const syncSettings = oncePerEnv((env): SyncSettings | undefined => {
  const values = check(syncSchema, env)
  if (values.YESPO_API_KEY === '') return undefined
  return {
    url: values.YESPO_API_URL,
    key: values.YESPO_API_KEY,
    timeZone: values.YESPO_API_TIME_ZONE || values.YESPO_TIME_ZONE,
    timeZoneOfWebhook: values.YESPO_TIME_ZONE,
    isTimeZoneSet: values.YESPO_API_TIME_ZONE !== '',
    everyMinutes: values.YESPO_API_MINUTES,
    days: values.YESPO_API_DAYS,
    maxRows: MAX_ROWS[operateSettings(env).plan],
  }
})

/** How Yespo's API is read, key aside, by the names of the settings; null for one that is wrong. */
export function describeRun(env: object) {
  const { values, faults } = readValid(syncSchema, env)
  const right = <T>(name: keyof typeof values, value: T) => (faults.has(name) ? null : value)
  const zone = values.YESPO_API_TIME_ZONE || right('YESPO_TIME_ZONE', values.YESPO_TIME_ZONE)
  return {
    YESPO_API_URL: right('YESPO_API_URL', values.YESPO_API_URL),
    YESPO_API_TIME_ZONE: right('YESPO_API_TIME_ZONE', zone),
    YESPO_API_MINUTES: right('YESPO_API_MINUTES', values.YESPO_API_MINUTES),
    YESPO_API_DAYS: right('YESPO_API_DAYS', values.YESPO_API_DAYS),
  }
}

/**
 * Whether Yespo's API is read. It is not where a setting of it is wrong, which is told elsewhere: by
 * `syncSettings`, and as an alert.
 */
export function readsApi(env: object): boolean {
  const values = syncSchema.safeParse(env).data
  return values !== undefined && values.YESPO_API_KEY !== ''
}

/** The bucket that old events move to; undefined where wrangler.toml names none. */
export function archiveBucket(env: Env & { ARCHIVE?: R2Bucket }): R2Bucket | undefined {
  return env.ARCHIVE
}

function basicSecret(login: string, password: string): Secret {
  return new Secret(`${login}:${password}`)
}
