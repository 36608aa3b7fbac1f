import { styleText } from 'node:util'
import { checkWebhook } from '../check-webhook.ts'
import { explainErrors } from './cloudflare-errors.ts'

/** Prints what is not set up although the code is live, and what to do. @param errors in wrangler's words */
export function reportMissing(errors: string): void {
  const explained = explainErrors(errors)
  warn('red', 'The code is live, but its setup is incomplete.')
  console.error(explained.length > 0 ? explained.join('\n\n') : "See wrangler's message above.")
}

/**
 * Checks the best webhook URL, and prints the result; if it is not ready for Yespo, whether another one is.
 *
 * @returns whether nothing blocks Yespo: a URL may need some minutes to appear
 */
export async function reportResponse(urls: readonly string[]): Promise<boolean> {
  const [url, ...others] = urls
  if (url === undefined) {
    warn(
      'red',
      'The receiver has no URL that Yespo could reach: set workers_dev = true, or a route.',
    )
    return false
  }
  console.log(`Checking ${url} …`)
  const { state, why } = await checkWebhook(url)
  if (state === 'ready') {
    console.log(`${styleText('green', '●')} It ${why}: ready for Yespo.`)
    return true
  }
  warn(state === 'blocked' ? 'red' : 'yellow', `${url} ${why}.`)
  if (state === 'absent')
    console.error(`This may take some more minutes. Check again with: curl -i ${url}`)
  for (const other of others) {
    const result = await checkWebhook(other)
    if (result.state === 'ready') console.error(`Meanwhile ${other} ${result.why}.`)
  }
  return state === 'absent'
}

function warn(color: 'red' | 'yellow', text: string): void {
  console.error(styleText(color, `▲ ${text}`))
}
