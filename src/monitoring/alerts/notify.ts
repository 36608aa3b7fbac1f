import { log } from '../../platform/log.ts'
import type { OperateSettings } from '../../settings/settings.ts'
import { withTimeout } from '../../platform/timeout.ts'
import type { Notification } from './compare.ts'
import { textOf, writePhrases } from '../../language/messages.ts'
import { writeTime } from './words.ts'

const TIME_LIMIT_MS = 10_000
/** The maximum length of a text. */
export const MAX_TEXT = 1_900 // characters: Discord takes 2,000, Slack more

/** Posts a request, like `fetch`. */
export type Post = (url: string, init: RequestInit) => Promise<Response>

/** Posts with `fetch`. */
export const fetchIt: Post = (url, init) => fetch(url, init)

/**
 * Notifies the operator with a POST to ALERT_URL, or with a line of the log if that is not set.
 *
 * @returns `withheld` if it is only in the log, as a setting is invalid
 */
export async function notify(
  settings: OperateSettings,
  notifications: readonly Notification[],
  post: Post,
): Promise<Outcome> {
  if (settings.alertUrl === undefined || isInvalid(settings)) {
    const lines = (state: Notification['state']) =>
      notifications
        .filter((each) => each.state === state)
        .map(({ name, message }) => `${name}: ${writePhrases('en', message)}`)
    log('warn', 'alerts', { started: lines('started'), ended: lines('ended') })
    return isInvalid(settings) ? 'withheld' : 'sent'
  }
  return settings.alertFormat === 'slack'
    ? postBody(
        settings,
        JSON.stringify({
          text: writeText(notifications, settings, escapeSlack),
          alerts: notifications.map((each) => ({
            ...each,
            message: writePhrases(settings.language, each.message),
          })),
        }),
        post,
      )
    : postBody(
        settings,
        writeText(notifications, settings, (text) => text),
        post,
      )
}

/** Whether notifications were sent; `withheld` if a setting is invalid. */
type Outcome = 'sent' | 'failed' | 'withheld'

/** Posts a text to ALERT_URL; without it, to nobody. @param text of at most `MAX_TEXT` characters */
export async function postText(
  settings: OperateSettings,
  text: string,
  post: Post,
): Promise<Outcome> {
  if (isInvalid(settings)) return 'withheld'
  const isSlack = settings.alertFormat === 'slack'
  return postBody(settings, isSlack ? JSON.stringify({ text: escapeSlack(text) }) : text, post)
}

function isInvalid({ errors }: OperateSettings): boolean {
  return errors.has('ALERT_URL') || errors.has('ALERT_FORMAT')
}

async function postBody(
  { alertUrl, alertFormat }: OperateSettings,
  body: string,
  post: Post,
): Promise<Outcome> {
  if (alertUrl === undefined) return 'sent'
  const isSlack = alertFormat === 'slack'
  const type = isSlack ? 'application/json' : 'text/plain; charset=utf-8'
  // Following a redirect would reveal the secret in the URL.
  const init: RequestInit = {
    method: 'POST',
    body,
    redirect: 'manual',
    headers: { 'Content-Type': type },
    signal: AbortSignal.timeout(TIME_LIMIT_MS),
  }
  return (await send(alertUrl, init, post)) ? 'sent' : 'failed'
}

async function send(url: string, init: RequestInit, post: Post): Promise<boolean> {
  try {
    const response = await withTimeout('the alert', TIME_LIMIT_MS, post(url, init))
    await response.body?.cancel()
    if (response.ok) return true
    log('error', 'alerts_not_sent', { status: response.status })
  } catch (error) {
    // Its message may contain the URL, which is a secret.
    log('error', 'alerts_not_sent', { kind: error instanceof Error ? error.name : 'unknown' })
  }
  return false
}

/** A line for each notification, as many as fit. */
function writeText(
  notifications: readonly Notification[],
  { language }: OperateSettings,
  escape: (text: string) => string,
): string {
  const lines = notifications.map(({ state, message: phrases, since }) => {
    const message = writePhrases(language, phrases)
    const line =
      state === 'started'
        ? message
        : textOf(language, 'alerts.resolved', { time: writeTime(since), message })
    return escape(`• ${line}`)
  })
  const count = (state: Notification['state']) =>
    notifications.filter((each) => each.state === state).length
  const text = [
    textOf(language, 'alerts.summary', { started: count('started'), ended: count('ended') }),
  ]
  for (const [index, line] of lines.entries()) {
    if (text.join('\n').length + line.length > MAX_TEXT) {
      text.push(textOf(language, 'alerts.moreLines', { count: lines.length - index }))
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
