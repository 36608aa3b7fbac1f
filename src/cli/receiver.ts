import { setTimeout } from 'node:timers/promises'
import * as z from 'zod'
import { readCredentials } from './credentials.ts'
import { fail } from './wrangler.ts'

const LOCAL = ['localhost', '127.0.0.1', '[::1]']
const TIME_LIMIT_MS = 30_000

const failure = z.object({ error: z.object({ message: z.string() }) })

/** The options of every program that asks a receiver, for `parseArgs`. */
export const RECEIVER_OPTIONS = {
  url: { type: 'string', default: 'http://localhost:8787' },
} as const

/** What to say of them. */
export const RECEIVER_USAGE = `  --url URL   the receiver's address (http://localhost:8787); its token is OPERATE_TOKEN or, if there is
              none, READ_TOKEN: from the environment, or else from .dev.vars for this machine and
              from .deploy.vars for any other`

/** A receiver, and the token that operates it. */
export type Receiver = { url: string; token: string }

/** What came of asking: JSON, or why there is none; `isPassing` where asking again may do. */
export type Asked = { answer: unknown } | { why: string; isPassing: boolean }

/** Finds the token for an address; ends the program if that is none, or if there is no token. */
export function findReceiver(url: string): Receiver {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    fail('--url must start with http:// or https://')
  }
  const file = LOCAL.includes(new URL(url).hostname) ? '.dev.vars' : '.deploy.vars'
  const token = chooseToken(process.env) ?? chooseToken(readCredentials(file) ?? {})
  if (!token) fail(`There is no OPERATE_TOKEN or READ_TOKEN in ${file} or the environment.`)
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
    const why = `The receiver answered ${response.status}: ${readMessage(text)}`
    return { why, isPassing: response.status >= 500 }
  } catch (error) {
    const why = `${address.origin} does not answer (${describe(error)}). Does the receiver run there?`
    return { why, isPassing: true }
  }
}

/** The same; ends the program where there is no answer. */
export async function askReceiver(...request: Parameters<typeof tryReceiver>): Promise<unknown> {
  const asked = await tryReceiver(...request)
  return 'answer' in asked ? asked.answer : fail(asked.why)
}

/** What an error says to people; all of it if it is not of our form, as another server's is not. */
function readMessage(text: string): string {
  try {
    return failure.parse(JSON.parse(text)).error.message
  } catch {
    return text
  }
}

/** Why there was no answer: what `fetch` throws says so in its cause alone. */
function describe(error: unknown): string {
  const cause = (error as Error).cause
  return cause instanceof Error && 'code' in cause ? String(cause.code) : String(error)
}

/** Where there is a token that operates, the one that reads does not. */
function chooseToken(of: Readonly<Record<string, string | undefined>>): string | undefined {
  return of['OPERATE_TOKEN'] || of['READ_TOKEN'] || undefined
}
