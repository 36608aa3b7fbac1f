import { readCredentials, type Credentials } from '../../src/cli/credentials.ts'
import type { WebhookForm } from './account.ts'

const LOCAL_URL = 'http://localhost:8787/webhooks/yespo'

/** The options that say where requests go. */
export const TARGET_OPTIONS = {
  url: { type: 'string' },
  login: { type: 'string' },
  password: { type: 'string' },
  header: { type: 'string', multiple: true },
  token: { type: 'string' },
} as const

export const TARGET_USAGE = `
  --url URL                where to (${LOCAL_URL})
  --login L --password P   Basic credentials (those in .dev.vars)
  --header 'Name: value'   a header to add; up to 5 (those in .dev.vars)
  --token T                read token, to show what was stored (READ_TOKEN in .dev.vars)`

type TargetValues = {
  url?: string | undefined
  login?: string | undefined
  password?: string | undefined
  header?: string[] | undefined
  token?: string | undefined
}

/** Yespo's form as the options fill it in, and the token for reading. */
export function readTarget(values: TargetValues): { form: WebhookForm; token: string | undefined } {
  const url = values.url ?? LOCAL_URL
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    throw new Error('--url must start with http:// or https://')
  }
  // The local credentials are for a receiver on this machine and go nowhere else.
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname)
  const known: Credentials = (isLocal ? readCredentials('.dev.vars') : undefined) ?? {}
  const login = values.login ?? known['WEBHOOK_LOGIN']
  const password = values.password ?? known['WEBHOOK_PASSWORD'] ?? ''
  const knownLines = (known['WEBHOOK_HEADERS'] ?? '').split('\n').filter(Boolean)
  const lines = values.header ?? knownLines
  return {
    form: {
      name: 'terminal',
      url,
      headers: lines.map(parseHeader),
      ...(login !== undefined && { authentication: { login, password } }),
    },
    token: values.token ?? known['READ_TOKEN'],
  }
}

function parseHeader(line: string): { key: string; value: string } {
  const [key = '', ...value] = line.split(':')
  if (value.length === 0) throw new Error(`--header takes 'Name: value', not '${line}'`)
  return { key: key.trim(), value: value.join(':').trim() }
}

/** What to tell a person about an error that ended a program. */
export function explain(error: unknown): string {
  const { message, cause } = error as Error
  const reason = cause instanceof Error ? `: ${cause.message || 'nothing answers there'}` : ''
  return `${message}${reason}`
}
