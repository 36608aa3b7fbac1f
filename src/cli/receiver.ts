import { setTimeout } from 'node:timers/promises'
import * as z from 'zod'
import { firstReadToken, readCredentials } from './credentials.ts'
import { fail } from './wrangler.ts'

const LOCAL = ['localhost', '127.0.0.1', '[::1]']
const TIMEOUT_MS = 30_000

const failure = z.object({ error: z.object({ message: z.string() }) })

/** The options of every program that calls a receiver, for `parseArgs`. */
export const RECEIVER_OPTIONS = {
  url: { type: 'string', default: 'http://localhost:8787' },
} as const

export const RECEIVER_USAGE = `  --url URL   URL of the receiver (http://localhost:8787). The token is OPERATE_TOKEN or, without one,
              READ_TOKEN: from the environment, or else from .dev.vars for this machine, and from
              .deploy.vars for any other`

/** A receiver, and the token that operates it. */
export type Receiver = { url: string; token: string }

/** The JSON of a response, or why there is none; `isPassing` if another try may help. */
export type Outcome = { response: unknown } | { why: string; isPassing: boolean }

/** Finds the token for a URL; ends the program if the URL is invalid, or there is no token. */
export function findReceiver(url: string): Receiver {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    fail('--url must start with http:// or https://')
  }
  const file = LOCAL.includes(new URL(url).hostname) ? '.dev.vars' : '.deploy.vars'
  const token = chooseToken(process.env) ?? chooseToken(readCredentials(file) ?? {})
  if (!token) fail(`There is no OPERATE_TOKEN or READ_TOKEN in ${file} or the environment.`)
  return { url, token }
}

/** Calls a receiver, again after each pause that it demands. @param path with its query @param body JSON */
export async function tryReceiver(
  { url, token }: Receiver,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: string,
): Promise<Outcome> {
  const target = new URL(path, url)
  const init = { method, headers: { Authorization: `Bearer ${token}` }, ...(body && { body }) }
  try {
    const response = await fetch(target, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) })
    const text = await response.text()
    if (response.status === 429) {
      console.log('The receiver is busy, waiting …')
      await setTimeout(Number(response.headers.get('Retry-After') ?? 60) * 1000)
      return tryReceiver({ url, token }, method, path, body)
    }
    if (response.status === 200) return { response: JSON.parse(text) }
    const why = `The receiver responded ${response.status}: ${readMessage(text)}`
    return { why, isPassing: response.status >= 500 }
  } catch (error) {
    const why = `${target.origin} does not respond (${describe(error)}). Is the receiver running there?`
    return { why, isPassing: true }
  }
}

/** The same; ends the program on failure. */
export async function askReceiver(...request: Parameters<typeof tryReceiver>): Promise<unknown> {
  const outcome = await tryReceiver(...request)
  return 'response' in outcome ? outcome.response : fail(outcome.why)
}

/** The message of an error; the whole text if it is not in our format, but another server's. */
function readMessage(text: string): string {
  try {
    return failure.parse(JSON.parse(text)).error.message
  } catch {
    return text
  }
}

/** Why there was no response: an error of `fetch` says so only in its cause. */
function describe(error: unknown): string {
  const cause = (error as Error).cause
  return cause instanceof Error && 'code' in cause ? String(cause.code) : String(error)
}

/** With an operate token, the read token does not suffice. */
function chooseToken(variables: Readonly<Record<string, string | undefined>>): string | undefined {
  return variables['OPERATE_TOKEN'] || firstReadToken(variables)
}
