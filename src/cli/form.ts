import { styleText } from 'node:util'
import { describeTokens, type Credentials } from './credentials.ts'

/**
 * Prints what to enter in each field of Yespo's form for a webhook.
 *
 * @param isComplete whether all is set up, or only the code is live
 */
export function printForm(
  webhookUrl: string,
  credentials: Credentials | undefined,
  secretsFile: string,
  isComplete: boolean,
): void {
  const dot = styleText(isComplete ? 'green' : 'red', '●')
  const headline = isComplete
    ? 'The receiver is deployed.'
    : 'The code is live, but its setup is incomplete: see below.'
  if (!credentials) {
    console.log(`
${dot} ${styleText('bold', headline)} It keeps the credentials that it had: they are not known on this machine.

  Webhook URL   ${webhookUrl}
`)
    return
  }
  const { WEBHOOK_LOGIN: login, WEBHOOK_PASSWORD: password, READ_TOKEN: token } = credentials
  const tokens = describeTokens(credentials)
  const headers = credentials['WEBHOOK_HEADERS']?.split('\n') ?? []
  const headerLines = headers.map((line) => `                      + Add header   ${line}`)
  console.log(`
${dot} ${styleText('bold', headline)} Now tell Yespo about it:

  Account settings → Data export → New data export → Webhook

    Webhook name      Yespo receiver   (any name will do)
    Webhook URL       ${webhookUrl}
    Authentication    ${login === undefined ? 'off' : 'on'}
      Login           ${login ?? '–'}
      Password        ${password ?? '–'}
    Headers           ${headerLines.length > 0 ? `\n${headerLines.join('\n')}` : 'none'}
    Export activity
    statuses          all selected

  Send test → Submit: a green banner with code 200. Then Save.

To look at what comes in, sign in with a token:

  ${new URL('/', webhookUrl).href}
  Read token          ${tokens.read}
  Operate token       ${tokens.operate}

To read it by program:

  curl -H 'Authorization: Bearer ${token}' \\
    '${new URL('/activity?limit=5', webhookUrl).href}'

All that can be asked: ${new URL('/docs', webhookUrl).href}

The credentials are in ${secretsFile}. To change them, edit it and deploy again.
`)
}
