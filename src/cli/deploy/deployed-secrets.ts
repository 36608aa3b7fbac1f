import { styleText } from 'node:util'
import * as z from 'zod'
import { randomText, type Credentials } from '../credentials.ts'

const TIMEOUT_MS = 10_000

/** Workers Builds, which the "Deploy to Cloudflare" button sets up: the secrets are in the Worker, and nowhere else. */
export const IS_WORKERS_BUILD = Boolean(process.env['WORKERS_CI'])

const notConfigured = z.object({
  error: z.object({ code: z.literal('not_configured'), message: z.string() }),
})

/**
 * The secrets that a build adds to those that the Worker has, if any. Without an operate token, everyone with the read
 * token could erase people.
 */
export function addSecrets(deployed: readonly string[]): Credentials | undefined {
  if (!IS_WORKERS_BUILD || deployed.includes('OPERATE_TOKEN')) return undefined
  console.log(`Adding the secret OPERATE_TOKEN, which allows erasing, replaying and rebuilding, with a random value that is shown
nowhere. To use it, replace it with your own in the dashboard: the Worker, Settings, Variables and Secrets.`)
  return { OPERATE_TOKEN: randomText() }
}

/**
 * Asks the receiver whether its settings are valid, as nothing else can read its secrets, and prints an error if they
 * are not.
 *
 * @returns whether they are
 */
export async function reportSettings(webhookUrl: string): Promise<boolean> {
  const errors = await Promise.all([
    findError(webhookUrl, 'POST'),
    findError(new URL('/activity', webhookUrl).href, 'GET'),
  ])
  const found = [...new Set(errors)].filter((error) => error !== undefined)
  for (const error of found) {
    console.error(styleText('red', `▲ The receiver is not set up yet. ${error}`))
  }
  if (found.length > 0) {
    console.error(
      `Change secrets in the dashboard: the Worker, Settings, Variables and Secrets. No deploy is needed after that.`,
    )
  }
  return found.length === 0
}

async function findError(url: string, method: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { method, signal: AbortSignal.timeout(TIMEOUT_MS) })
    const parsed = notConfigured.safeParse(await response.json())
    return parsed.data?.error.message
  } catch {
    return undefined // the webhook's check has reported it
  }
}
