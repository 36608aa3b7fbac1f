import { log } from '../../platform/log.ts'
import type { OperateSettings } from '../../settings/settings.ts'
import { withTimeout } from '../../platform/timeout.ts'
import type { News } from './changes.ts'
import { writeCount, writeTime } from './words.ts'

const TIME_LIMIT_MS = 10_000
const MAX_TEXT = 1_900 // characters: Discord takes 2,000, Slack more

/** Posts somewhere; as `fetch`. */
export type Post = (url: string, init: RequestInit) => Promise<Response>

/** Posts for real. */
export const fetchIt: Post = (url, init) => fetch(url, init)

/**
 * Tells the owner: by one POST to ALERT_URL, or without one by a line of the log.
 *
 * @returns whether that succeeded; `withheld` where it is in the log alone, as a setting is wrong
 */
export async function tell(
  { alertUrl, alertFormat, errors }: OperateSettings,
  news: readonly News[],
  post: Post,
): Promise<'told' | 'failed' | 'withheld'> {
  const isInvalid = errors.has('ALERT_URL') || errors.has('ALERT_FORMAT')
  if (alertUrl === undefined || isInvalid) {
    const lines = (state: News['state']) =>
      news.filter((each) => each.state === state).map(({ name, message }) => `${name}: ${message}`)
    log('warn', 'alerts', { begun: lines('begun'), ended: lines('ended') })
    return isInvalid ? 'withheld' : 'told'
  }
  const isSlack = alertFormat === 'slack'
  const body = isSlack
    ? JSON.stringify({ text: writeText(news, escapeSlack), alerts: news })
    : writeText(news, (text) => text)
  const type = isSlack ? 'application/json' : 'text/plain; charset=utf-8'
  // A redirect would take what is in the address to somebody else.
  const init: RequestInit = {
    method: 'POST',
    body,
    redirect: 'manual',
    headers: { 'Content-Type': type },
    signal: AbortSignal.timeout(TIME_LIMIT_MS),
  }
  return (await send(alertUrl, init, post)) ? 'told' : 'failed'
}

async function send(url: string, init: RequestInit, post: Post): Promise<boolean> {
  try {
    const response = await withTimeout('the alert', TIME_LIMIT_MS, post(url, init))
    await response.body?.cancel()
    if (response.ok) return true
    log('error', 'alerts_not_told', { status: response.status })
  } catch (error) {
    // Its message may have the address in it, which is a secret.
    log('error', 'alerts_not_told', { kind: error instanceof Error ? error.name : 'unknown' })
  }
  return false
}

/** A line for each, as many as there is room for. */
function writeText(news: readonly News[], escape: (text: string) => string): string {
  const lines = news.map(({ state, message, since }) =>
    escape(
      state === 'begun'
        ? `• ${message}`
        : `• It is over, what began at ${writeTime(since)}: ${message}`,
    ),
  )
  const count = (state: News['state']) => news.filter((each) => each.state === state).length
  const text = [`Yespo receiver: ${count('begun')} new, ${count('ended')} over.`]
  for (const [place, line] of lines.entries()) {
    if (text.join('\n').length + line.length > MAX_TEXT) {
      text.push(`… and ${writeCount(lines.length - place, 'more line')}: see its page /status.`)
      break
    }
    text.push(line)
  }
  return text.join('\n')
}

/** https://docs.slack.dev/messaging/formatting-message-text/#escaping */
function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
