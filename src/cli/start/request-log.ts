import type { IncomingMessage } from 'node:http'
import { styleText } from 'node:util'

/** Prints a line for each request, except for those that go on by themselves. */
export class RequestLog {
  #last = ''

  /** @param status of the response @param ms how long it took */
  print({ method = '', url = '', headers }: IncomingMessage, status: number, ms: number): void {
    const [path = ''] = url.split('?') // the rest may have personal data
    const kind = `${method} ${path} ${status}`
    const isRead = method === 'GET' || method === 'HEAD'
    if (isRead && (isOfPage(headers) || kind === this.#last)) return
    this.#last = kind
    const code = styleText(colorOf(status), String(status))
    console.log(`${method} ${path} ${code} ${styleText('gray', `(${Math.round(ms)} ms)`)}`)
  }
}

/** Whether a page that is open in a browser requests one of its files, or a part of itself that it renews. */
function isOfPage(headers: IncomingMessage['headers']): boolean {
  const destination = headers['sec-fetch-dest'] ?? 'document'
  return destination !== 'document'
}

function colorOf(status: number): 'green' | 'yellow' | 'red' {
  if (status < 400) return 'green'
  return status < 500 ? 'yellow' : 'red'
}
