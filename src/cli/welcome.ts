import { styleText } from 'node:util'
import { findSettingError } from './check-settings.ts'
import { describeTokens, type Credentials } from './credentials.ts'

/** Where the secrets of the local receiver are. */
export const SECRETS_FILE = '.dev.vars'

/** Prints how to reach the local receiver and what to do next, or what keeps it from working. */
export function printWelcome(url: string, credentials: Credentials): void {
  const fault = findSettingError(credentials)
  if (fault) {
    const what = fault.isGrave ? 'but refuses everyone' : 'but a setting is wrong'
    console.log(styleText('red', `\n● The receiver runs, ${what}. ${fault.message}\n`))
    console.log(
      `Secrets are set in ${SECRETS_FILE}, the rest in wrangler.toml. Then start it again.\n`,
    )
    if (fault.isGrave) return
  }
  const show = (name: string) => credentials[name] ?? `not set in ${SECRETS_FILE}`
  const strong = (text: string) => styleText('bold', text)
  const port = new URL(url).port
  const aim = port === '8787' ? '' : ` -- --url ${url}/webhooks/yespo`
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
      shows in a browser what comes in: sign in with a token
  npm run send-test${aim}
      sends Yespo's samples and shows what was stored
  curl -H 'Authorization: Bearer ${credentials['READ_TOKEN'] ?? '…'}' '${url}/activity?limit=5'
      reads the newest events
  ${url}/docs
      explains all that can be asked, and lets you try it
  curl ${url}/cdn-cgi/local/scheduled
      looks after the receiver, which Cloudflare does every five minutes
  npm run deploy
      puts the receiver on Cloudflare, where Yespo can reach it

Ctrl-C stops it, once everything received is stored. The events stay in .wrangler/state; the
credentials are in ${SECRETS_FILE}.
`)
}
