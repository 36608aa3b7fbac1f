import { LANGUAGE_CODES } from '../language/languages.ts'
import {
  oneOf,
  parseAlertUrl,
  parseApiUrl,
  parseAudience,
  parseBucketName,
  parseCatalogUrl,
  parseHeaderLines,
  parseHeaderNames,
  parseLogin,
  parsePassword,
  parsePercent,
  parsePhoneCountry,
  parseTeamDomain,
  parseText,
  parseTexts,
  parseTimeZone,
  parseTimeZoneOrEmpty,
  parseToken,
  parseTokens,
  wholeNumber,
} from './parsers.ts'

/**
 * The parts that need a setting. An invalid one of `webhook`, `read`, `access`, `sync` or `archive` stops that part;
 * one of `operate` has only the effect in its own `ifInvalid`; `deploy` is `npm run deploy`.
 */
export type Group = 'webhook' | 'read' | 'access' | 'operate' | 'sync' | 'archive' | 'deploy'

export type Setting = {
  /** Secrets are in `.dev.vars` and `.deploy.vars`, variables in wrangler.toml. */
  kind: 'secret' | 'var'
  groups: readonly Group[]
  /** Its property in the objects of `settings.ts`. */
  property: string
  /**
   * Parses its text: of a secret without line ends behind it, of a variable without blanks around it.
   * @throws InvalidText
   */
  parse: (text: string) => unknown
  /** The text that stands for an empty one; without a default it is read as it is. */
  default?: string
  /** The text that stands for an invalid one, unless that is the default: it must do no harm. */
  safe?: string
  meaning: string
  /** The consequence of an invalid value. */
  ifInvalid: string
}

const NO_WEBHOOK =
  'Until it is corrected, all requests from Yespo are rejected; Yespo repeats them.'
const NO_SYNC = "Until it is corrected, Yespo's API is not read."
const NO_POSTS = "Until it is corrected, alerts are only in the Worker's log."

const WEBHOOK_VAR = { kind: 'var', groups: ['webhook'], ifInvalid: NO_WEBHOOK } as const
const WEBHOOK_SECRET = { ...WEBHOOK_VAR, kind: 'secret' } as const
const ACCESS_VAR = {
  kind: 'var',
  groups: ['access'],
  ifInvalid: 'Until it is corrected, Cloudflare Access lets nobody in; tokens still do.',
} as const
const SYNC_VAR = { kind: 'var', groups: ['sync'], ifInvalid: NO_SYNC } as const
const SYNC_SECRET = { ...SYNC_VAR, kind: 'secret' } as const

const ARCHIVE_VAR = {
  kind: 'var',
  groups: ['archive'],
  ifInvalid:
    'Until it is corrected, no events move to the archive, and erasures of events in it wait.',
} as const

const THRESHOLD_VAR = {
  kind: 'var',
  groups: ['operate'],
  parse: parsePercent,
  ifInvalid: 'Until it is corrected, the default applies.',
} as const

const MAX_DAYS = 36_500
const MAX_BODY_BYTES = 100_000_000 // of Cloudflare

/** Where data may be kept; empty for anywhere. */
export const JURISDICTIONS = ['', 'eu', 'us', 'fedramp'] as const

/** All settings, the gravest first. */
export const SETTINGS = {
  WEBHOOK_LOGIN: {
    ...WEBHOOK_SECRET,
    property: 'login',
    parse: parseLogin,
    meaning: 'Login of the Basic credentials that Yespo sends.',
  },
  WEBHOOK_PASSWORD: {
    ...WEBHOOK_SECRET,
    property: 'password',
    parse: parsePassword,
    meaning: 'Password of the Basic credentials that Yespo sends: at least 16 characters.',
  },
  WEBHOOK_HEADERS: {
    ...WEBHOOK_SECRET,
    property: 'headers',
    parse: parseHeaderLines,
    meaning:
      'Headers that every request must carry with exactly these values: one `Name: value` per line, at most 5.',
  },
  WEBHOOK_LOGIN_PREVIOUS: {
    ...WEBHOOK_SECRET,
    property: 'previousLogin',
    parse: parseLogin,
    meaning: 'Login that is accepted, too, while credentials change.',
  },
  WEBHOOK_PASSWORD_PREVIOUS: {
    ...WEBHOOK_SECRET,
    property: 'previousPassword',
    parse: parsePassword,
    meaning: 'Its password.',
  },
  WEBHOOK_HEADERS_PREVIOUS: {
    ...WEBHOOK_SECRET,
    property: 'previousHeaders',
    parse: parseHeaderLines,
    meaning: 'Headers that are accepted, too, instead of `WEBHOOK_HEADERS`, while they change.',
  },
  LABEL_HEADERS: {
    ...WEBHOOK_VAR,
    property: 'labelHeaders',
    parse: parseHeaderNames,
    meaning:
      'Names of request headers, comma-separated, whose values are stored with each event as `labels`: they tell several webhooks apart.',
  },
  YESPO_TIME_ZONE: {
    kind: 'var',
    groups: ['webhook', 'read', 'sync'],
    property: 'timeZone',
    parse: parseTimeZone,
    default: 'UTC',
    meaning:
      "Zone of Yespo's times, which carry none: an IANA name such as `Europe/Kyiv`. To check it, send yourself a message.",
    ifInvalid: NO_WEBHOOK,
  },
  MAX_BODY_BYTES: {
    ...WEBHOOK_VAR,
    property: 'maxBodyBytes',
    parse: wholeNumber(1, MAX_BODY_BYTES),
    default: '7000000', // 10,000 events, and what an isolate has memory for
    meaning:
      'A larger body gets 413, and is quarantined if Yespo keeps sending it. Each MB takes some 12 MB of memory.',
  },
  READ_TOKEN: {
    kind: 'secret',
    groups: ['read'],
    property: 'tokens',
    parse: parseTokens,
    meaning:
      'Token that may read: for the pages and the read API. Generated for you. Or [several](#tokens) with a name each, `name: token`, one per line or comma-separated.',
    ifInvalid: 'Until it is corrected, the API and the dashboard reject everyone.',
  },
  OPERATE_TOKEN: {
    kind: 'secret',
    groups: ['operate'],
    property: 'token',
    parse: parseToken,
    meaning:
      'Token that may also erase, delete, replay and rebuild. Generated for you; if it is empty, `READ_TOKEN` may do all of this.',
    ifInvalid: 'Until it is corrected, requests to erase, delete, replay or rebuild are rejected.',
  },
  ACCESS_TEAM_DOMAIN: {
    ...ACCESS_VAR,
    property: 'teamDomain',
    parse: parseTeamDomain,
    meaning:
      'URL of your team of Cloudflare Access, `https://….cloudflareaccess.com`, if [Access](#cloudflare-access) signs people in.',
  },
  ACCESS_AUDIENCE: {
    ...ACCESS_VAR,
    property: 'audience',
    parse: parseAudience,
    meaning: 'AUD tag of the application of Cloudflare Access in front of this receiver.',
  },
  ACCESS_OPERATOR_GROUPS: {
    ...ACCESS_VAR,
    property: 'operators',
    parse: parseTexts,
    meaning:
      'Who of them may also erase, delete, replay and rebuild, comma-separated: groups, email addresses, client IDs of service tokens. If it is empty, nobody.',
  },
  YESPO_API_KEY: {
    ...SYNC_SECRET,
    property: 'key',
    parse: parseText,
    meaning:
      "Key of Yespo's API (Account settings → API), which fills the webhook's gaps. If it is empty, the API is not read.",
  },
  YESPO_API_URL: {
    ...SYNC_VAR,
    property: 'url',
    parse: parseApiUrl,
    default: 'https://esputnik.com/api',
    meaning: "URL of Yespo's API.",
  },
  YESPO_API_TIME_ZONE: {
    ...SYNC_VAR,
    property: 'apiTimeZone',
    parse: parseTimeZoneOrEmpty,
    meaning: "Zone of the times in Yespo's API; if it is empty, `YESPO_TIME_ZONE`.",
  },
  YESPO_API_MINUTES: {
    ...SYNC_VAR,
    property: 'everyMinutes',
    parse: wholeNumber(0, 10_080),
    default: '60',
    meaning: "Minutes from one sync with Yespo's API to the next; 0 syncs on demand only.",
  },
  YESPO_API_DAYS: {
    ...SYNC_VAR,
    property: 'days',
    parse: wholeNumber(0, 90),
    default: '7',
    meaning: 'How many days the first sync goes back.',
  },
  KEEP_DAYS: {
    kind: 'var',
    groups: ['operate'],
    property: 'keepDays',
    parse: wholeNumber(0, MAX_DAYS),
    default: '400',
    safe: '0',
    meaning: 'Days after which events move to the archive, if there is one; 0 keeps all.',
    ifInvalid: 'Until it is corrected, events do not move to the archive.',
  },
  ARCHIVE_BUCKET: {
    ...ARCHIVE_VAR,
    property: 'bucketName',
    parse: parseBucketName,
    default: 'yespo-archive',
    meaning: "Name of the archive's bucket, as in `[[r2_buckets]]`: the URIs of its files have it.",
  },
  CATALOG_URL: {
    ...ARCHIVE_VAR,
    property: 'catalogUrl',
    parse: parseCatalogUrl,
    meaning:
      'URL of an Iceberg REST catalog for the archive, such as R2 Data Catalog. If it is empty, the catalog is in the bucket itself.',
  },
  CATALOG_WAREHOUSE: {
    ...ARCHIVE_VAR,
    property: 'catalogWarehouse',
    parse: parseText,
    meaning: 'Name of the warehouse in that catalog.',
  },
  CATALOG_TOKEN: {
    ...ARCHIVE_VAR,
    kind: 'secret',
    property: 'catalogToken',
    parse: parseText,
    meaning: 'Bearer token for that catalog, which may write.',
  },
  QUARANTINE_DAYS: {
    kind: 'var',
    groups: ['operate'],
    property: 'quarantineDays',
    parse: wholeNumber(0, MAX_DAYS),
    default: '30',
    safe: '0',
    meaning:
      'Days after which quarantined items are deleted, which an alert announces before; 0 keeps all.',
    ifInvalid: 'Until it is corrected, quarantined items are not deleted.',
  },
  CLOUDFLARE_PLAN: {
    kind: 'var',
    groups: ['operate'],
    property: 'plan',
    parse: oneOf(['free', 'paid'], 'is not free or paid'),
    default: 'free', // safe for every plan
    meaning:
      'Plan of the Cloudflare account, `free` or `paid`: how large the database may grow, and how much is done at once.',
    ifInvalid: 'Until it is corrected, the limits of the free plan apply.',
  },
  PHONE_COUNTRY: {
    kind: 'var',
    groups: ['operate'],
    property: 'phoneCountry',
    parse: parsePhoneCountry,
    default: 'UA',
    meaning:
      'Country whose phone numbers may be written without its code, as an ISO code such as `UA` or `PL`: how a number that you look up is read.',
    ifInvalid: 'Until it is corrected, numbers without a country code are read as Ukrainian.',
  },
  SPAM_RATE_WARNING: {
    ...THRESHOLD_VAR,
    property: 'spamWarning',
    default: '0.1',
    meaning:
      'Percentage of contacts who complain of spam from which reports warn: Gmail asks senders to stay below 0.1.',
  },
  SPAM_RATE_LIMIT: {
    ...THRESHOLD_VAR,
    property: 'spamLimit',
    default: '0.3',
    meaning: 'The one from which there is an alert: Gmail and Yahoo reject mail from 0.3 on.',
  },
  HARD_BOUNCE_RATE_WARNING: {
    ...THRESHOLD_VAR,
    property: 'hardBounceWarning',
    default: '2',
    meaning: 'Percentage of contacts who bounce permanently from which reports warn.',
  },
  HARD_BOUNCE_RATE_LIMIT: {
    ...THRESHOLD_VAR,
    property: 'hardBounceLimit',
    default: '5',
    meaning: 'The one from which there is an alert.',
  },
  ALERT_URL: {
    kind: 'secret',
    groups: ['operate'],
    property: 'alertUrl',
    parse: parseAlertUrl,
    meaning:
      'URL that alerts are posted to: a Slack webhook, or anything else that takes a POST. If it is empty, they are in the log.',
    ifInvalid: NO_POSTS,
  },
  ALERT_FORMAT: {
    kind: 'var',
    groups: ['operate'],
    property: 'alertFormat',
    parse: oneOf(['slack', 'plain'], 'is not slack or plain'),
    default: 'slack',
    meaning: 'Format of alerts: `slack` (JSON with `text`, which others take, too) or `plain`.',
    ifInvalid: NO_POSTS,
  },
  LANGUAGE: {
    kind: 'var',
    groups: ['operate'],
    property: 'language',
    parse: oneOf(LANGUAGE_CODES, `is not ${LANGUAGE_CODES.join(' or ')}`),
    default: 'en',
    meaning:
      'Language of alerts and of the digest: `en` or `uk`. Pages are in the language of whoever opens them.',
    ifInvalid: 'Until it is corrected, alerts and the digest are in English.',
  },
  DIGEST: {
    kind: 'var',
    groups: ['operate'],
    property: 'digest',
    parse: oneOf(['on', 'off'], 'is not on or off'),
    default: 'on',
    meaning:
      'Whether the digest of the week is posted to `ALERT_URL` every Monday at 9:00 in `YESPO_TIME_ZONE`: `on` or `off`.',
    ifInvalid: 'Until it is corrected, the digest is posted.',
  },
  JURISDICTION: {
    kind: 'var',
    groups: ['deploy'],
    property: 'jurisdiction',
    parse: oneOf(JURISDICTIONS, 'is not "eu", "us", "fedramp", or "" for anywhere'),
    meaning:
      'Where database and queues are created: `eu`, `us`, `fedramp`, or empty for anywhere. Final after the first deploy.',
    ifInvalid: 'Until it is corrected, nothing can be deployed.',
  },
} as const satisfies Record<string, Setting>

type Settings = typeof SETTINGS
export type SettingName = keyof Settings
export type Value<Name extends SettingName> = ReturnType<Settings[Name]['parse']>

type NameIn<G extends Group> = {
  [Name in SettingName]: G extends Settings[Name]['groups'][number] ? Name : never
}[SettingName]

/** The values of a group's settings, by their properties. */
export type Values<G extends Group> = {
  readonly [Name in NameIn<G> as Settings[Name]['property']]: Value<Name>
}

/** The table with entries of one type, to loop over. */
export const ENTRIES: readonly (readonly [SettingName, Setting])[] = Object.entries(
  SETTINGS,
) as (readonly [SettingName, Setting])[]

export const SECRET_NAMES: readonly SettingName[] = ENTRIES.flatMap(([name, { kind }]) =>
  kind === 'secret' ? name : [],
)

/** A variable that the Worker reads. */
export type VarName = {
  [Name in SettingName]: Settings[Name] extends { kind: 'var'; groups: readonly ['deploy'] }
    ? never
    : Settings[Name] extends { kind: 'var' }
      ? Name
      : never
}[SettingName]

export const VAR_NAMES = ENTRIES.flatMap(([name, { kind, groups }]) =>
  kind === 'var' && !groups.includes('deploy') ? name : [],
) as readonly VarName[]
