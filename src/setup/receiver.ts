import { setTimeout } from 'node:timers/promises'
import { parseArgs, type ParseArgsConfig } from 'node:util'
import { readCredentials } from './credentials.ts'
import { fail } from './wrangler.ts'

const LOCAL = ['localhost', '127.0.0.1', '[::1]']
const TIME_LIMIT_MS = 30_000

/** The options of every program that asks a receiver, for `parseArgs`. */
export const RECEIVER_OPTIONS = {
  url: { type: 'string', default: 'http://localhost:8787' },
  help: { type: 'boolean', short: 'h' },
} as const

/** What to say of them. */
export const RECEIVER_USAGE = `  --url URL   the receiver's address (http://localhost:8787); the token is OPERATE_TOKEN or, where
              there is none, READ_TOKEN: of the environment, or else of .dev.vars for this machine and
              of .deploy.vars for any other`

/** The options that a program was started with; ends it where one is unknown or not as it has to be. */
export function readOptions<const Options extends NonNullable<ParseArgsConfig['options']>>(
  options: Options,
  usage: string,
) {
  try {
    return parseArgs({ options }).values
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    const [reason = ''] = error.message.split(/\.\s|\.$|\n/) // then come hints that lead astray
    return fail(`${reason}.\n\n${usage}`)
  }
}

/** A receiver, and the token that operates it. */
export type Receiver = { url: string; token: string }

/** What came of asking: JSON, or why there is none; `isPassing` where asking again may do. */
export type Asked = { answer: unknown } | { why: string; isPassing: boolean }

/** Finds the token for an address; ends the program where either is none. */
export function findReceiver(url: string): Receiver {
  if (!URL.canParse(url) || !url.startsWith('http')) {
    fail(`${url} is no address; it looks like https://….workers.dev`)
  }
  const file = LOCAL.includes(new URL(url).hostname) ? '.dev.vars' : '.deploy.vars'
  const token = chooseToken(process.env) ?? chooseToken(readCredentials(file) ?? {})
  if (!token) fail(`There is no OPERATE_TOKEN or READ_TOKEN in ${file}, and none is set.`)
  return { url, token }
}

/** Asks a receiver, as often as it asks for a pause. @param path with its query @param body JSON */
export async function tryReceiver(
  { url, token }: Receiver,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: string,
): Promise<Asked> {
  const address = new URL(path, url)
  const init = { method, headers: { Authorization: `Bearer ${token}` }, ...(body && { body }) }
  try {
    const response = await fetch(address, { ...init, signal: AbortSignal.timeout(TIME_LIMIT_MS) })
    const text = await response.text()
    if (response.status === 429) {
      console.log('The receiver asks for a pause …')
      await setTimeout(Number(response.headers.get('Retry-After') ?? 60) * 1000)
      return tryReceiver({ url, token }, method, path, body)
    }
    if (response.status === 200) return { answer: JSON.parse(text) }
    const why = `The receiver answered ${response.status}: ${text}`
    return { why, isPassing: response.status >= 500 }
  } catch (error) {
    const why = `${address.origin} does not answer (${String(error)}). Does the receiver run there?`
    return { why, isPassing: true }
  }
}

/** The same; ends the program where there is no answer. */
export async function askReceiver(...request: Parameters<typeof tryReceiver>): Promise<unknown> {
  const asked = await tryReceiver(...request)
  return 'answer' in asked ? asked.answer : fail(asked.why)
}

/** Where there is a token that operates, the one that reads does not. */
function chooseToken(of: Readonly<Record<string, string | undefined>>): string | undefined {
  return of['OPERATE_TOKEN'] || of['READ_TOKEN'] || undefined
}
