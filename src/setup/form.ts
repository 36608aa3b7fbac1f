import { styleText } from 'node:util'
import type { Credentials } from './credentials.ts'

/** Prints what to enter in each field of Yespo's form for a webhook. */
export function printForm(
  webhookUrl: string,
  credentials: Credentials | undefined,
  secretsFile: string,
): void {
  const unknown = 'as set on the deploy that made it (not known on this machine)'
  const login = credentials ? credentials['WEBHOOK_LOGIN'] : unknown
  const password = credentials ? credentials['WEBHOOK_PASSWORD'] : unknown
  const headers = credentials?.['WEBHOOK_HEADERS']?.split('\n') ?? []
  const headerLines = headers.map((line) => `                      + Add header   ${line}`)
  console.log(`
${styleText('green', '●')} ${styleText('bold', 'The receiver is deployed.')} Now tell Yespo about it:

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

To read what came in:

  curl -H 'Authorization: Bearer ${credentials?.['READ_TOKEN'] ?? 'READ_TOKEN'}' \\
    '${new URL('/activity?limit=5', webhookUrl)}'

${credentials ? `The credentials are in ${secretsFile}. To change them, edit it and deploy again.` : ''}
`)
}
