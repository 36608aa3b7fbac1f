import { HttpError } from '../platform/http-error.ts'
import { MIN_SECRET_LENGTH } from '../platform/secret.ts'
import { InvalidText } from './parsers.ts'
import {
  ENTRIES,
  SETTINGS,
  type Group,
  type Setting,
  type SettingName,
  type Values,
} from './table.ts'

/** The errors of settings by their names, in words and without a value. */
export type SettingErrors = ReadonlyMap<SettingName, string>

/** The value of a setting; if it is invalid, its safe value or default, and the error. */
export function readSetting(name: SettingName, env: object): { value: unknown; error?: string } {
  const entry: Setting = SETTINGS[name]
  const raw: unknown = Reflect.get(env, name) ?? ''
  const isText = typeof raw === 'string' || typeof raw === 'number' // as someone may write in wrangler.toml
  // `echo secret | wrangler secret put` leaves a line end at the end.
  const text = entry.kind === 'secret' ? String(raw).replace(/[\r\n]+$/, '') : String(raw).trim()
  try {
    if (!isText) throw new InvalidText('is not a text')
    return { value: entry.parse(text || (entry.default ?? '')) }
  } catch (error) {
    if (!(error instanceof InvalidText)) throw error
    const value = entry.parse(entry.safe ?? entry.default ?? '')
    return { value, error: describe(name, error.message) }
  }
}

/** The settings of a group; an invalid one has its safe value, or else its default. */
export function readGroup<G extends Group>(
  group: G,
  env: object,
): { values: Values<G>; errors: SettingErrors } {
  const errors = new Map<SettingName, string>()
  const values: Record<string, unknown> = {}
  for (const [name, { groups, property }] of ENTRIES) {
    if (!groups.includes(group)) continue
    const { value, error } = readSetting(name, env)
    values[property] = value
    if (error !== undefined) errors.set(name, error)
  }
  return { values: values as Values<G>, errors }
}

/** @throws HttpError 503 `not_configured` that names the first setting which is missing or invalid */
export function rejectInvalid(errors: SettingErrors): void {
  for (const [setting, message] of errors) {
    throw new HttpError(503, 'not_configured', message, {
      details: { setting },
      headers: { 'Retry-After': '60' },
    })
  }
}

const SECRET_HEADERS = ['authorization', 'proxy-authorization', 'cookie']

/** The settings of the webhook. If each one is valid, their combination is checked, too. */
export function readWebhook(env: object): ReturnType<typeof readGroup<'webhook'>> {
  const { values, errors } = readGroup('webhook', env)
  if (errors.size > 0) return { values, errors }
  const found = new Map<SettingName, string>()
  const report = (setting: SettingName, problem: string) => {
    if (!found.has(setting)) found.set(setting, describe(setting, problem))
  }
  const { login, password, headers, previousLogin, previousPassword, previousHeaders } = values
  if (login && !password) report('WEBHOOK_PASSWORD', 'is missing, though its login is set')
  if (password && !login) report('WEBHOOK_LOGIN', 'is missing, though its password is set')
  if (previousLogin && !previousPassword)
    report('WEBHOOK_PASSWORD_PREVIOUS', 'is missing, though its login is set')
  if (previousPassword && !previousLogin)
    report('WEBHOOK_LOGIN_PREVIOUS', 'is missing, though its password is set')
  const required = new Set([...headers, ...previousHeaders].map(({ name }) => name.toLowerCase()))
  if (login && required.has('authorization')) {
    report('WEBHOOK_HEADERS', 'names Authorization, which carries the login and password already')
  }
  const labels = values.labelHeaders.map((name) => name.toLowerCase())
  if (labels.some((name) => SECRET_HEADERS.includes(name) || required.has(name))) {
    report(
      'LABEL_HEADERS',
      'names a header that is a secret, which would be stored with every event',
    )
  }
  if (login) return { values, errors: found }
  if (headers.length === 0) {
    report('WEBHOOK_LOGIN', 'is missing: set it with WEBHOOK_PASSWORD, or set WEBHOOK_HEADERS')
  }
  const weak = `has no value of at least ${MIN_SECRET_LENGTH} characters, and no password is set`
  const isWeak = (set: typeof headers) => set.length > 0 && !set.some(({ isLong }) => isLong)
  if (isWeak(headers)) report('WEBHOOK_HEADERS', weak)
  if (isWeak(previousHeaders)) report('WEBHOOK_HEADERS_PREVIOUS', weak)
  return { values, errors: found }
}

/** The settings of the read API. It needs a token, or Cloudflare Access. */
export function readReading(env: object): ReturnType<typeof readGroup<'read'>> {
  const { values, errors } = readGroup('read', env)
  if (errors.has('READ_TOKEN') || values.tokens.length > 0) return { values, errors }
  const access = readAccess(env)
  if (access.errors.size === 0 && access.values.teamDomain !== '') return { values, errors }
  const missing = new Map([['READ_TOKEN', describe('READ_TOKEN', 'is missing')]] as const)
  return {
    values,
    errors: new Map([...errors, ...(access.errors.size > 0 ? access.errors : missing)]),
  }
}

/** The settings of Cloudflare Access: both its team and its audience, or none. */
export function readAccess(env: object): ReturnType<typeof readGroup<'access'>> {
  const { values, errors } = readGroup('access', env)
  const { teamDomain, audience, operators } = values
  if (errors.size > 0 || `${teamDomain}${audience}${operators.join('')}` === '') {
    return { values, errors }
  }
  const needed: [SettingName, string][] = [
    ['ACCESS_TEAM_DOMAIN', teamDomain],
    ['ACCESS_AUDIENCE', audience],
  ]
  return {
    values,
    errors: describeMissing(
      needed,
      'is missing: Cloudflare Access needs ACCESS_TEAM_DOMAIN and ACCESS_AUDIENCE',
    ),
  }
}

/** The settings of the archive. A catalog needs all three of its own. */
export function readArchive(env: object): ReturnType<typeof readGroup<'archive'>> {
  const { values, errors } = readGroup('archive', env)
  if (errors.size > 0) return { values, errors }
  const { catalogUrl, catalogWarehouse, catalogToken } = values
  const catalog: [SettingName, string][] = [
    ['CATALOG_URL', catalogUrl],
    ['CATALOG_WAREHOUSE', catalogWarehouse],
    ['CATALOG_TOKEN', catalogToken],
  ]
  if (catalog.every(([, text]) => text === '')) return { values, errors }
  return {
    values,
    errors: describeMissing(
      catalog,
      'is missing: a catalog needs CATALOG_URL, CATALOG_WAREHOUSE and CATALOG_TOKEN',
    ),
  }
}

/** The errors of the empty ones of some settings. */
function describeMissing(
  settings: readonly (readonly [SettingName, string])[],
  problem: string,
): SettingErrors {
  const missing = settings.filter(([, text]) => text === '')
  return new Map(missing.map(([name]) => [name, describe(name, problem)]))
}

function describe(setting: SettingName, problem: string): string {
  return `The setting ${setting} ${problem}.`
}
