import { styleText } from 'node:util'
import { findSettingError } from '../check-settings.ts'
import { describeTokens, firstReadToken, type Credentials } from '../credentials.ts'

/** The file with the secrets of the local receiver. */
export const SECRETS_FILE = '.dev.vars'

/** Prints the URL of the local receiver and the next steps, or the error in its settings. */
export function printWelcome(url: string, credentials: Credentials): void {
  const error = findSettingError(credentials)
  if (error) {
    const state = error.rejected ? `but rejects ${error.rejected}` : 'but a setting is invalid'
    console.log(styleText('red', `\n● The receiver runs, ${state}. ${error.message}\n`))
    console.log(
      `Change secrets in ${SECRETS_FILE}, other settings in wrangler.toml, and start it again.\n`,
    )
    if (error.rejected) return
  }
  const show = (name: string) => credentials[name] ?? `not set in ${SECRETS_FILE}`
  const strong = (text: string) => styleText('bold', text)
  const port = new URL(url).port
  const option = port === '8787' ? '' : ` -- --url ${url}/webhooks/yespo`
  const tokens = describeTokens(credentials)
  console.log(`
${styleText('green', '●')} ${strong('The Yespo receiver is running.')}

  Webhook URL     ${strong(`${url}/webhooks/yespo`)}
  Login           ${show('WEBHOOK_LOGIN')}
  Password        ${show('WEBHOOK_PASSWORD')}
  Read token      ${tokens.read}
  Operate token   ${tokens.operate}

Next, in a browser or another terminal:

  ${url}/
      the dashboard: sign in with a token
  npm run send-test${option}
      sends Yespo's sample events and shows what was stored
  curl -H 'Authorization: Bearer ${firstReadToken(credentials) ?? '…'}' '${url}/activity?limit=5'
      returns the newest events
  ${url}/docs
      the API reference, where you can try every request
  curl ${url}/cdn-cgi/local/scheduled
      runs maintenance, as Cloudflare does every 15 minutes
  npm run deploy
      deploys the receiver to Cloudflare, where Yespo can reach it

Ctrl-C stops it. Accepted events are on disk, in .wrangler/state; credentials are in ${SECRETS_FILE}.
`)
}
