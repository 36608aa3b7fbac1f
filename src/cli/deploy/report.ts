import { styleText } from 'node:util'
import { askWebhook } from '../ask-webhook.ts'
import { explainErrors } from './cloudflare-errors.ts'

/** Says what is not set up though the code is live, and what to do. @param errors as wrangler words them */
export function reportMissing(errors: string): void {
  const explained = explainErrors(errors)
  warn('red', 'The code is live, but its setup is incomplete.')
  console.error(
    explained.length > 0 ? explained.join('\n\n') : 'wrangler says above what is missing.',
  )
}

/**
 * Asks the best address, and says what it answers; if that is not what Yespo needs, whether another one does.
 *
 * @returns whether nothing stands in Yespo's way: an address may still be about to appear
 */
export async function reportResponse(urls: readonly string[]): Promise<boolean> {
  const [url, ...others] = urls
  if (url === undefined) {
    warn(
      'red',
      'The receiver has no address that Yespo could reach: set workers_dev = true, or a route.',
    )
    return false
  }
  console.log(`Asking ${url} …`)
  const { state, why } = await askWebhook(url)
  if (state === 'ready') {
    console.log(`${styleText('green', '●')} It ${why}: ready for Yespo.`)
    return true
  }
  warn(state === 'blocked' ? 'red' : 'yellow', `${url} ${why}.`)
  if (state === 'absent')
    console.error(`That may take some minutes more. Ask again with: curl -i ${url}`)
  for (const other of others) {
    const asked = await askWebhook(other)
    if (asked.state === 'ready') console.error(`Meanwhile ${other} ${asked.why}.`)
  }
  return state === 'absent'
}

function warn(color: 'red' | 'yellow', text: string): void {
  console.error(styleText(color, `▲ ${text}`))
}
