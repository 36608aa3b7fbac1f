import { styleText } from 'node:util'
import { describeTokens, firstReadToken, type Credentials } from './credentials.ts'

/**
 * Prints the values for Yespo's webhook form.
 *
 * @param isComplete false if the code is live, but its setup failed
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
${dot} ${styleText('bold', headline)} It keeps its credentials, which are not on this machine.

  Webhook URL   ${webhookUrl}

Sign in with READ_TOKEN at ${new URL('/', webhookUrl).href}: until the first event has come, the page shows what to enter
in Yespo's form.
`)
    return
  }
  const { WEBHOOK_LOGIN: login, WEBHOOK_PASSWORD: password } = credentials
  const tokens = describeTokens(credentials)
  const headers = credentials['WEBHOOK_HEADERS']?.split('\n') ?? []
  const headerLines = headers.map((line) => `                      + Add header   ${line}`)
  console.log(`
${dot} ${styleText('bold', headline)} Now set up the webhook in Yespo:

  Account settings → Data export → New data export → Webhook

    Webhook name      Yespo receiver   (any name)
    Webhook URL       ${webhookUrl}
    Authentication    ${login === undefined ? 'off' : 'on'}
      Login           ${login ?? '–'}
      Password        ${password ?? '–'}
    Headers           ${headerLines.length > 0 ? `\n${headerLines.join('\n')}` : 'none'}
    Export activity
    statuses          all selected

  Send test → Submit: a green banner with code 200. Then Save.

To see events in the dashboard, sign in with a token:

  ${new URL('/', webhookUrl).href}
  Read token          ${tokens.read}
  Operate token       ${tokens.operate}

To read them with the API:

  curl -H 'Authorization: Bearer ${firstReadToken(credentials) ?? '…'}' \\
    '${new URL('/activity?limit=5', webhookUrl).href}'

API reference: ${new URL('/docs', webhookUrl).href}

The credentials are in ${secretsFile}. To change them, edit it and deploy again.
`)
}
