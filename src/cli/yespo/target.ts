import { firstReadToken, readCredentials, type Credentials } from '../credentials.ts'
import type { WebhookForm } from '../../simulator/account.ts'

const LOCAL_URL = 'http://localhost:8787/webhooks/yespo'

/** The options for the destination of requests. */
export const TARGET_OPTIONS = {
  url: { type: 'string' },
  login: { type: 'string' },
  password: { type: 'string' },
  header: { type: 'string', multiple: true },
  token: { type: 'string' },
} as const

export const TARGET_USAGE = `
  --url URL                webhook URL (${LOCAL_URL})
  --login L --password P   Basic credentials (from .dev.vars)
  --header 'Name: value'   header to add; up to 5 (from .dev.vars)
  --token T                read token, to show what was stored (from .dev.vars)`

type TargetValues = {
  url?: string | undefined
  login?: string | undefined
  password?: string | undefined
  header?: string[] | undefined
  token?: string | undefined
}

/** Yespo's form filled in from the options, and the read token. */
export function readTarget(values: TargetValues): { form: WebhookForm; token: string | undefined } {
  const url = values.url ?? LOCAL_URL
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    throw new Error('--url must start with http:// or https://')
  }
  // The local credentials are never sent to another machine.
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname)
  const local: Credentials = (isLocal ? readCredentials('.dev.vars') : undefined) ?? {}
  const login = values.login ?? local['WEBHOOK_LOGIN']
  const password = values.password ?? local['WEBHOOK_PASSWORD'] ?? ''
  const localLines = (local['WEBHOOK_HEADERS'] ?? '').split('\n').filter(Boolean)
  const lines = values.header ?? localLines
  return {
    form: {
      name: 'terminal',
      url,
      headers: lines.map(parseHeader),
      ...(login !== undefined && { authentication: { login, password } }),
    },
    token: values.token ?? firstReadToken(local),
  }
}

function parseHeader(line: string): { key: string; value: string } {
  const [key = '', ...value] = line.split(':')
  if (value.length === 0) throw new Error(`--header must be 'Name: value', not “${line}”`)
  return { key: key.trim(), value: value.join(':').trim() }
}

/** The message about an error that ended a program. */
export function explain(error: unknown): string {
  const { message, cause } = error as Error
  const reason = cause instanceof Error ? `: ${cause.message || 'no response'}` : ''
  return `${message}${reason}`
}
